# expect: error
import socket

socket.socket(16, socket.SOCK_RAW, 0)
print("BREACH")
