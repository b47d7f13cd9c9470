"""What can go wrong for a person. Each message is a sentence that may be shown as it is."""


class QuizappError(Exception):
    """The root of the tree; `message` says what was wrong and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(QuizappError):
    """There is no such thing, or it is not this person's to see."""


class Forbidden(QuizappError):
    """This person may see that there is such a thing, but not do this with it."""


class Invalid(QuizappError):
    """What was sent cannot be taken as it is."""


class Conflict(QuizappError):
    """Something that exists already stands in the way."""


class NoTriesLeft(Conflict):
    """A question of a quiz takes no answer any more; what was given stands."""


class TooMany(QuizappError):
    """Too often in too short a time; the message says when to try again."""


class ConfigError(QuizappError):
    """A setting, or the machine the service runs on, is not as it must be."""
