# expect: error
# The machine's name.
text = open("/etc/hostname", "rb").read()
print("BREACH", text)
