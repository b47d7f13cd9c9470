"""The names that forms and addresses carry: random, and nothing but letters, digits, - and _."""

import hashlib
import re

from quizapp.errors import Invalid

_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def is_key(text: str) -> bool:
    """Return whether the text may be such a name at all; only then is it looked up."""
    return _KEY.fullmatch(text) is not None


def idempotency_key(form_key: str, *contents: str | bytes) -> str:
    """Return the key under which a form's contents are stored once, however often it is sent.

    A page that stays open, or comes back, sends its form's key with other contents: those are
    another answer, so the contents are part of the key. Raises Invalid where there is no key.
    """
    if not is_key(form_key):
        raise Invalid("This form was sent incompletely. Reload the page and send it again.")
    digest = hashlib.sha256(form_key.encode())
    for content in contents:
        data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()
