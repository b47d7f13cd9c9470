# expect: error
import fcntl
import termios

fcntl.ioctl(0, termios.TIOCSTI, b"x")
print("BREACH")
