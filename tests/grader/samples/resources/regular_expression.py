# expect: timeout
# A regular expression that takes exponential time.
import re

re.match(r"(a+)+$", "a" * 60 + "b")
