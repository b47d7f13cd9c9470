# expect: error
print("BREACH", open('/proc/self/mem', "rb").read())
