"""What gunicorn serves: the application with the settings of this process's environment."""

from quizapp.app import create_app
from quizapp.config import Settings

app = create_app(Settings.from_environment())
