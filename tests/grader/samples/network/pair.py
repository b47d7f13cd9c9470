# expect: error
# A pair of sockets, to smuggle descriptors.
import socket

socket.socketpair()
print("BREACH")
