# expect: wrong
# in: make test
# The machine's own servers listen on files: a container engine, a database, a message bus.
import socket

import numpy as np

for path in (
    "/run/docker.sock",
    "/var/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/dbus/system_bus_socket",
    "/run/systemd/notify",
    "/var/run/postgresql/.s.PGSQL.5432",
    "/tmp/.s.PGSQL.5432",
    "\0/tmp/.X11-unix/X0",
):
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            print("BREACH", path)
    except OSError:
        pass


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
