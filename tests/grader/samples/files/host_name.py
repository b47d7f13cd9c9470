# expect: error
text = open("/etc/hostname", "rb").read()
print("BREACH", text)
