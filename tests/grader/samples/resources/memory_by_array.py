# expect: memory
import numpy as np

np.ones(10**10)
