# expect: error
# A socket without a connection.
import socket

socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
print("BREACH")
