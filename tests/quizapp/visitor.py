"""A person at the site, whose test client reads forms' hidden fields, and looks at its database."""

import re
import secrets

from flask.testing import FlaskClient
from sqlalchemy import func, select

from quizapp.app import create_app
from quizapp.config import Settings
from quizapp.db.models import Variant
from quizapp.services import jobs


def make_app(url, tmp_path):
    environ = {"QUIZAPP_DATA": str(tmp_path / "data"), "QUIZAPP_DATABASE_URL": url}
    return create_app(Settings.from_environment(environ))


class Visitor:
    """Sends forms with the CSRF token of the page they stand on."""

    def __init__(self, app):
        self.client: FlaskClient = app.test_client()
        self.username = None

    def get(self, path, **options):
        return self.client.get(path, **options)

    def post(self, path, data=None, *, page="/", **options):
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page).text)
        fields = {"csrf_token": token[1] if token else "", **(data or {})}
        return self.client.post(path, data=fields, **options)

    def sign_up(self, username=None, password="a long password"):
        self.username = username or f"visitor-{secrets.token_hex(4)}"
        answer = self.post(
            "/signup", {"username": self.username, "password": password}, page="/signup"
        )
        assert answer.status_code == 303, answer.text
        return self

    def draw(self, slug):
        """Draw a new variant; return its address."""
        answer = self.post(f"/practice/{slug}/new", page="/practice")
        assert answer.status_code == 303
        return answer.location

    def check(self, address, key=None, **responses):
        fields = {"key": key or secrets.token_urlsafe(12), **responses}
        return self.post(f"{address}/check", fields, page=address)


def database(app):
    return app.extensions["database"]


def variant_of(app, address) -> Variant:
    with database(app).read() as session:
        public_id = address.rsplit("/", 1)[1]
        return session.scalars(select(Variant).where(Variant.public_id == public_id)).one()


def right_answers(row):
    return {part: spec["shown"] for part, spec in row.document["parts"].items()}


def change_secrets(app, variant_id):
    """Give a stored variant other keys, mistakes, hints, solution and parameters."""
    with database(app).write() as session:
        row = session.get(Variant, variant_id)
        parts = {
            part: {**spec, "key": _another(spec), "shown": "secret"}
            for part, spec in row.document["parts"].items()
        }
        secrets_of = {"mistakes": [], "solution": "secret", "params": {}}
        hints = ["secret" for _ in row.document["hints"]]
        row.document = {**row.document, **secrets_of, "parts": parts, "hints": hints}


def _another(spec):
    """Return another key of the same kind and shape."""
    key = spec["key"]
    if isinstance(key, bool):
        return not key
    if spec["kind"] == "choice":
        return next(option for option in spec["options"] if option != key)
    if isinstance(key, list):
        return [_another({**spec, "key": item}) for item in key]
    if isinstance(key, str):  # an infinite number, which JSON does not have
        return 0.0
    return key + 1


def count(app, model):
    with database(app).read() as session:
        return session.scalars(select(func.count()).select_from(model)).one()


def grade_next(app, **document):
    with database(app).write() as session:
        lease = jobs.claim(session)
        assert lease is not None
        assert jobs.finish(session, lease, document, "test")


def submit(student, source="def forget_gate(): ...", task="lstm_forget_gate", **options):
    form = {"source": source, "key": secrets.token_urlsafe(8)}
    return student.post(f"/tasks/{task}", form, page=f"/tasks/{task}", **options)


def array(shape, values, *, truncated=False):
    return {"dtype": "float64", "shape": shape, "values": values, "truncated": truncated}


VERDICT = {
    "verdict": "wrong",
    "score": 0.5,
    "passed": 1,
    "total": 2,
    "mistake": "tanh",
    "message": "This is the gate with tanh in place of the sigmoid.",
    "stdout": "<script>alert(1)</script>",
    "traceback": None,
    "cpu_s": 0.002,
    "layers": ["seccomp"],
    "cases": [
        {
            "visible": True,
            "verdict": "wrong",
            "expected": array([1, 2], [0.25, 0.5]),
            "received": array([1, 2], ["nan", 0.75], truncated=True),
            "max_error": 0.25,
            "first_difference": {"output": "f", "index": [0, 1], "expected": 0.5, "received": 0.75},
            "message": None,
            "kind": "ordinary",
            "inputs": {"x": array([2], [1, 2])},
        },
        {"visible": False, "verdict": "accepted"},
    ],
}
