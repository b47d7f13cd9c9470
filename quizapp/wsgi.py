"""What gunicorn serves: the application with the settings of this process's environment."""

import gc

from grader.catalog import tasks
from problems.catalog import families
from quizapp.app import create_app
from quizapp.config import Settings

app = create_app(Settings.from_environment())
# Before the workers are forked: a folder that does not load stops the start and no student's
# request, and all workers share what is loaded.
families()
tasks()
# What is loaded now stays: the collector need not walk it at every request, nor unshare its pages.
gc.collect()
gc.freeze()
