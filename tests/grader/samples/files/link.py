# expect: error
import os

os.symlink("/etc/passwd", "/tmp/x")
print("BREACH")
