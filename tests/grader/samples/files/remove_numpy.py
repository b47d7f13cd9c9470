# expect: error
# Takes NumPy away from the next student.
import os

import numpy

os.remove(numpy.__file__)
print("BREACH")
