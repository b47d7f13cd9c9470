# expect: error
import os

os.kill(os.getppid(), 9)
print("BREACH")
