"""Whether the service is well, for operators and their monitors."""

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import DBAPIError

from quizapp.services import health as service
from quizapp.web.pages import database

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> Response:
    """Report the database, the queue, and the sandbox layers of the latest grade."""
    try:
        with database().read() as session:
            return jsonify(database="ok", **service.report(session))
    except DBAPIError:
        answer = jsonify(database="unreachable")
        answer.status_code = 503
        return answer
