# expect: error
# The machine's users.
text = open("/etc/passwd", "rb").read()
print("BREACH", text)
