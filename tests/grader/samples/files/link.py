# expect: error
# A link to a file outside.
import os

os.symlink("/etc/passwd", "/tmp/x")
print("BREACH")
