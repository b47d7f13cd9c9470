# expect: timeout|memory|compile_error|missing
# Constants that a compiler would compute: it must not happen where the marker lives.
a = (((2**64) ** 64) ** 64) ** 64
b = "x" * 4000 * 4000
c = ((1,) * 4000) * 4000
