# expect: error
import subprocess

subprocess.run(["/bin/sh", "-c", "true"])
print("BREACH")
