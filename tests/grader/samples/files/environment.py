# expect: error
print("BREACH", open('/proc/self/environ', "rb").read())
