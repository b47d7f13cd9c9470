# expect: error
import os

import numpy

os.remove(numpy.__file__)
print("BREACH")
