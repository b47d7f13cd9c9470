# expect: error
text = open("/proc/self/mem", "rb").read()
print("BREACH", text)
