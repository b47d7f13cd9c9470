"""What the tests of killed processes run, in processes of their own."""

import os
import random
import time
from datetime import timedelta
from pathlib import Path

from grader import catalog
from grader.marker import Grader
from quizapp import worker
from quizapp.config import Settings
from quizapp.services import jobs, leases


def settings_for(url):
    return Settings(data=Path(), database_url=url, secret_key="")


def grade_for(seconds):
    def grade(slug, version, source, seed):
        time.sleep(seconds * random.uniform(0.5, 1.5))
        return {"verdict": "accepted", "score": 1.0, "seed": seed, "source": source.decode()}

    return grade


def work(url, seconds, lease_s):
    """Grade until told to stop, `seconds` for each job, with a short lease."""
    leases.LEASE = timedelta(seconds=lease_s)
    jobs.RETRY_AFTER = timedelta(milliseconds=20)
    leases.MAX_CLAIMS = 1000  # every claim may be killed here
    os._exit(worker.run(settings_for(url), grade=grade_for(seconds)))


def work_in_the_sandbox(url, lease_s):
    """Grade until killed, in a real zygote, with a short lease."""
    leases.LEASE = timedelta(seconds=lease_s)
    jobs.RETRY_AFTER = timedelta(milliseconds=20)
    leases.MAX_CLAIMS = 1000  # every claim may be killed here
    with Grader() as grader:

        def grade(slug, version, source, seed):
            return grader.grade(catalog.task(slug), source, seed=seed).to_json()

        worker.run(settings_for(url), grade=grade)
