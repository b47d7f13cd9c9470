# expect: error
# Kills the supervisor.
import os

os.kill(os.getppid(), 9)
print("BREACH")
