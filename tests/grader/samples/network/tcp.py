# expect: error
# A connection to the machine's own web server.
import socket

socket.create_connection(("127.0.0.1", 80))
print("BREACH")
