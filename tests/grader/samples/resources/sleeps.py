# expect: timeout
# Sleeps, and costs no processor time.
import time

time.sleep(1000)
