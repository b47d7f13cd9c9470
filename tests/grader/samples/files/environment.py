# expect: error
text = open("/proc/self/environ", "rb").read()
print("BREACH", text)
