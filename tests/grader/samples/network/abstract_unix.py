# expect: error
import socket

socket.socket(socket.AF_UNIX)
print("BREACH")
