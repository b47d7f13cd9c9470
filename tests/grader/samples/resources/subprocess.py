# expect: error
# A shell.
import subprocess

subprocess.run(["/bin/sh", "-c", "true"])
print("BREACH")
