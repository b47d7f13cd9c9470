"""A student at a served site, who keeps a cookie and sends a form until it is answered."""

import http.client
import re
import time
from urllib.parse import urlencode

TRY_AGAIN_S = 0.1
PATIENCE_S = 60


class Student:
    """Signs up at a served site, and hands in code there, whatever happens to the site."""

    def __init__(self, port):
        self.port = port
        self.cookie = ""

    def sign_up(self, username):
        form = {"username": username, "password": "a long password"}
        assert self.post("/signup", form, page="/signup")[0] == 303
        return self

    def hand_in(self, task, source, key):
        """Return once the site has said that it has the submission."""
        form = {"source": source, "key": key}
        assert self.post(f"/tasks/{task}", form, page="/tasks")[0] == 303

    def get(self, path):
        """Return the text of a page."""
        status, text, _ = self._until_answered("GET", path)
        assert status == 200, text
        return text

    def post(self, path, form, page):
        """Send a form with the token of a page; again, the same, while nothing comes back.

        Return the status, the text, and where the answer leads.
        """
        token = re.search(r'csrf_token" value="([^"]+)"', self._until_answered("GET", page)[1])[1]
        return self._until_answered("POST", path, urlencode(form | {"csrf_token": token}))

    def _until_answered(self, *request):
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return self._send(*request)
            except (OSError, http.client.HTTPException):
                assert time.monotonic() < deadline, "the site does not answer"
                time.sleep(TRY_AGAIN_S)

    def _send(self, method, path, body=None):
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        fresh = answer.headers["Set-Cookie"]
        if fresh:
            self.cookie = fresh.partition(";")[0]
        return answer.status, text, answer.headers["Location"]
