# expect: error
# The environment: passwords, addresses.
text = open("/proc/self/environ", "rb").read()
print("BREACH", text)
