# expect: error
# How process 1 was called.
text = open("/proc/1/cmdline", "rb").read()
print("BREACH", text)
