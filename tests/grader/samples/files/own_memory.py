# expect: error
# Its own memory as a file, writable whatever the pages say.
text = open("/proc/self/mem", "rb").read()
print("BREACH", text)
