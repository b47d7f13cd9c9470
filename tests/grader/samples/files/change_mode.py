# expect: error
# Opens NumPy to be written to.
import os

import numpy

os.chmod(numpy.__file__, 0o777)
print("BREACH")
