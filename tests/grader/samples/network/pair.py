# expect: error
import socket

socket.socketpair()
print("BREACH")
