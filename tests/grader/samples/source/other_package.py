# expect: error
import scipy
