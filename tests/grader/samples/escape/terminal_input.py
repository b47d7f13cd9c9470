# expect: error
# Types into the terminal that the server was started from.
import fcntl
import termios

fcntl.ioctl(0, termios.TIOCSTI, b"x")
print("BREACH")
