# expect: error
text = open("/proc/1/cmdline", "rb").read()
print("BREACH", text)
