"""A course with a person in each role, and another one beside it, at the site."""

from visitor import Visitor, database

from quizapp.services import courses

ROLES = ("owner", "instructor", "assistant", "student")


class Classroom:
    """A visitor of each role in the course "nlp", `stranger` in none, `visitor` not signed in.

    `rival` is the owner of another course, "vision".
    """

    slug, other = "nlp", "vision"

    def __init__(self, app):
        self.app = app
        with database(app).write() as session:
            courses.add(session, self.slug, "Language")
            courses.add(session, self.other, "Vision")
        self.people = {role: self.enrol(Visitor(app).sign_up(role), role) for role in ROLES}
        self.people["rival"] = self.enrol(Visitor(app).sign_up("rival"), "owner", self.other)
        self.people["stranger"] = Visitor(app).sign_up("stranger")
        self.people["visitor"] = Visitor(app)

    def __getattr__(self, name):
        return self.people[name]

    def enrol(self, visitor, role, slug=slug):
        with database(self.app).write() as session:
            courses.enrol(session, slug, visitor.username, role)
        return visitor

    def member(self, role, slug=slug):
        """Return what a person is in the course, as services are told."""
        with database(self.app).rows() as connection:
            return courses.member(connection, self.id_of(role), slug)

    def id_of(self, name):
        with database(self.app).read() as session:
            user = courses.accounts._user_named(session, self.people[name].username)
            assert user is not None
            return user.id
