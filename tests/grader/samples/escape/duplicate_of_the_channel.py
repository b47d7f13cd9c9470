# expect: error
import fcntl

fcntl.fcntl(3, fcntl.F_SETOWN, 1)
print("BREACH")
