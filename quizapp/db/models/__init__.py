"""The tables."""

from quizapp.db.models.accounts import SignInFailure, User, username_key
from quizapp.db.models.authoring import (
    BoxJob,
    BoxJobKind,
    BoxJobState,
    Problem,
    ProblemKind,
    ProblemVersion,
)
from quizapp.db.models.base import Base, UtcDateTime, random_name, utc_now
from quizapp.db.models.code import Grade, Job, JobState, Submission
from quizapp.db.models.courses import Course, Enrolment, Invitation, LogEntry, Role
from quizapp.db.models.practice import Attempt, Variant
from quizapp.db.models.quizzes import (
    ExtraTime,
    Feedback,
    PoolVariant,
    Quiz,
    QuizItem,
    QuizSection,
)
from quizapp.db.models.runs import Run, RunItem, RunKind
from quizapp.db.models.sittings import (
    Answer,
    Override,
    Regrade,
    RegradeMark,
    RegradeVariant,
    Sitting,
    SittingItem,
)

__all__ = [
    "Answer",
    "Attempt",
    "Base",
    "BoxJob",
    "BoxJobKind",
    "BoxJobState",
    "Course",
    "Enrolment",
    "ExtraTime",
    "Feedback",
    "Grade",
    "Invitation",
    "Job",
    "JobState",
    "LogEntry",
    "Override",
    "PoolVariant",
    "Problem",
    "ProblemKind",
    "ProblemVersion",
    "Quiz",
    "QuizItem",
    "QuizSection",
    "Regrade",
    "RegradeMark",
    "RegradeVariant",
    "Role",
    "Run",
    "RunItem",
    "RunKind",
    "SignInFailure",
    "Sitting",
    "SittingItem",
    "Submission",
    "User",
    "UtcDateTime",
    "Variant",
    "random_name",
    "username_key",
    "utc_now",
]
