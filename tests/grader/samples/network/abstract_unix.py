# expect: error
# A socket of the machine's own.
import socket

socket.socket(socket.AF_UNIX)
print("BREACH")
