"""A person at the site: a test client that reads its forms' hidden fields, as a browser does."""

import re
import secrets

from flask.testing import FlaskClient

from quizapp.app import create_app
from quizapp.config import Settings


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
