# expect: error
# Kills whatever it may.
import os

os.kill(-1, 9)
print("BREACH")
