# expect: error
text = open("/etc/shadow", "rb").read()
print("BREACH", text)
