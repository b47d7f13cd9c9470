# expect: error
# The kernel's own sockets: routes, firewalls, audits.
import socket

socket.socket(16, socket.SOCK_RAW, 0)
print("BREACH")
