# expect: error
# The channel is a socket: what can it receive but bytes?
import socket

socket.socket(fileno=3).recvmsg(1000, 1000)
print("BREACH")
