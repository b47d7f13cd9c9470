# expect: error
# Code that every later interpreter would run as it starts.
import numpy

open(numpy.__path__[0] + "/../sitecustomize.py", "w")
print("BREACH")
