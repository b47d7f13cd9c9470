# expect: error
import numpy

open(numpy.__path__[0] + "/../sitecustomize.py", "w")
print("BREACH")
