"""What instructors write in the browser: run in a box of its own, and given back as data."""

from grader.authoring.fragments import merge

__all__ = ["merge"]
