"""The tables."""

from quizapp.db.models.accounts import SignInFailure, User, username_key
from quizapp.db.models.base import Base, UtcDateTime, random_name, utc_now
from quizapp.db.models.code import Grade, Job, JobState, Submission
from quizapp.db.models.courses import Course, Enrolment, Role
from quizapp.db.models.practice import Attempt, Variant
from quizapp.db.models.runs import Run, RunItem, RunKind

__all__ = [
    "Attempt",
    "Base",
    "Course",
    "Enrolment",
    "Grade",
    "Job",
    "JobState",
    "Role",
    "Run",
    "RunItem",
    "RunKind",
    "SignInFailure",
    "Submission",
    "User",
    "UtcDateTime",
    "Variant",
    "random_name",
    "username_key",
    "utc_now",
]
