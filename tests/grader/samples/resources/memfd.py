# expect: error
# A file in memory, which no limit counts.
import os

os.memfd_create("hidden")
print("BREACH")
