# expect: error
import os

os.memfd_create("hidden")
print("BREACH")
