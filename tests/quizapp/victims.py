"""What the tests of killed processes run, in processes of their own."""

import os
import random
import time
from datetime import timedelta
from pathlib import Path

from quizapp import worker
from quizapp.config import Settings
from quizapp.db import Database
from quizapp.services import jobs, submissions


def settings_for(url):
    return Settings(data=Path(), database_url=url, secret_key="")


def grade_for(seconds):
    def grade(slug, version, source, seed):
        time.sleep(seconds * random.uniform(0.5, 1.5))
        return {"verdict": "accepted", "score": 1.0, "seed": seed, "source": source.decode()}

    return grade


def work(url, seconds, lease_s):
    """Grade until told to stop, `seconds` for each job, with a short lease."""
    jobs.LEASE = timedelta(seconds=lease_s)
    jobs.RETRY_AFTER = timedelta(milliseconds=20)
    jobs.MAX_CLAIMS = 1000  # every claim may be killed here
    os._exit(worker.run(settings_for(url), grade=grade_for(seconds)))


def hand_in(url, user_id, keys, accepted):
    """Submit the keys in order, and note each once it is accepted, as a browser would.

    After a kill the first key that was not noted is sent again.
    """
    database = Database(url)
    noted = Path(accepted).read_text().split()
    with Path(accepted).open("a") as notes:
        for key in keys:
            if key in noted:
                continue
            with database.write() as session:
                submissions.submit(session, user_id, "task", 1, key.encode(), key)
            notes.write(f"{key}\n")
            notes.flush()
            time.sleep(0.01)
