# expect: crashed
# Ends the process, all being well, before anything is compared.
import atexit
import os
import sys

print("Ran 10 tests in 0.001s\n\nOK")
sys.stdout.flush()
atexit._run_exitfuncs()
os._exit(0)
