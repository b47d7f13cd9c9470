# expect: error
print("BREACH", open('/proc/1/cmdline', "rb").read())
