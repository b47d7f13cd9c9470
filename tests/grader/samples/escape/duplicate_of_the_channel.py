# expect: error
# The channel's owner gets signals: fcntl can name another process.
import fcntl

fcntl.fcntl(3, fcntl.F_SETOWN, 1)
print("BREACH")
