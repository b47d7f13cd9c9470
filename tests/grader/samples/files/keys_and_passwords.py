# expect: wrong
# What lies about on a server: keys, tokens, shell histories, databases, the site's settings.
import glob
import os

import numpy as np

for pattern in (
    "/*/.*",  # the administrator's home among them
    "/home/*/.*",
    "/*/.ssh/*",
    "/home/*/.ssh/id_*",
    "/etc/ssh/*",
    "/etc/machine-id",
    "/etc/ssl/private/*",
    "/var/run/secrets/*/*/*",
    "/run/secrets/*",
    "/var/lib/*",
    "/**/.env",
    "/**/*.sqlite3",
    "/**/pyproject.toml",
):
    for path in glob.glob(pattern, recursive=True):
        try:
            with open(path, "rb") as file:
                print("BREACH", path, len(file.read(10)))
        except OSError:
            pass


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
