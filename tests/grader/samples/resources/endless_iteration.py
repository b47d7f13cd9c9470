# expect: timeout
# An endless loop in C, of which no line of Python is ever run again.
from collections import deque
from itertools import repeat

deque(repeat(0), maxlen=0)
