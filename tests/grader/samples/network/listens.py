# expect: error
# Waits for orders.
import http.server

server = http.server.HTTPServer(("0.0.0.0", 8000), http.server.SimpleHTTPRequestHandler)
print("BREACH")
server.serve_forever()
