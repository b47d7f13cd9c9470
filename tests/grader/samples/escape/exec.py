# expect: error
import os

command = ["sh", "-c", "echo BREACH"]
os.execv("/bin/sh", command)
