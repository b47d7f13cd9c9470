# expect: error
text = open("/etc/passwd", "rb").read()
print("BREACH", text)
