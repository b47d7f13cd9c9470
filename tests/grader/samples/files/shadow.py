# expect: error
# The users' passwords.
text = open("/etc/shadow", "rb").read()
print("BREACH", text)
