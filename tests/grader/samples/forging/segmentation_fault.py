# expect: crashed
# A crash is no success.
import ctypes

ctypes.string_at(0)
