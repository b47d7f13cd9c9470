# expect: error
# in: make test
# Another program in place of this one.
import os

command = ["sh", "-c", "echo BREACH"]
os.execv("/bin/sh", command)
