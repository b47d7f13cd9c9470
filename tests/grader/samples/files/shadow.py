# expect: error
print("BREACH", open('/etc/shadow', "rb").read())
