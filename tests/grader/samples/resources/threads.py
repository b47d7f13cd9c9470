# expect: error
# Threads without end.
import threading

while True:
    threading.Thread(target=input).start()
