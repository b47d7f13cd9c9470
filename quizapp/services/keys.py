"""The names that forms and addresses carry: random, and nothing but letters, digits, - and _."""

import re

from quizapp.errors import Invalid

_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def is_key(text: str) -> bool:
    """Return whether the text may be such a name at all; only then is it looked up."""
    return _KEY.fullmatch(text) is not None


def check_form_key(key: str) -> None:
    """Raise Invalid unless a form brought the key that makes sending it twice harmless."""
    if not is_key(key):
        raise Invalid("This form was sent incompletely. Reload the page and send it again.")
