# expect: error
import threading

while True:
    threading.Thread(target=input).start()
