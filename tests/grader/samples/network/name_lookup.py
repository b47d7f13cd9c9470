# expect: error
# A name, and a server.
import socket

socket.getaddrinfo("localhost", 80)[0]
socket.create_server(("127.0.0.1", 0))
print("BREACH")
