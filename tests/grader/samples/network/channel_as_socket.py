# expect: error
import socket

socket.socket(fileno=3).recvmsg(1000, 1000)
print("BREACH")
