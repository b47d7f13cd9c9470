# expect: error
# A package that is not there.
import scipy
