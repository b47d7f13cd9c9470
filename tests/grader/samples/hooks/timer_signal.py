# expect: error
# A clock that interrupts the harness while it encodes the result.
import os
import signal

signal.signal(signal.SIGALRM, lambda *_: os.write(3, b"accepted"))
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
print("BREACH")
