# expect: error
# in: make test
# Kills its process group: the zygote, where the box forgot to leave it.
import os

os.killpg(0, 9)
print("BREACH")
