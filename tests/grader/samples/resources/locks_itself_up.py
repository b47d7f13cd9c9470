# expect: timeout
# Waits for a lock that nobody else could give back.
import threading

lock = threading.Lock()
lock.acquire()
lock.acquire()
