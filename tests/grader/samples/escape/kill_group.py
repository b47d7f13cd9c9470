# expect: error
import os

os.killpg(0, 9)
print("BREACH")
