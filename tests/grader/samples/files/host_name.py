# expect: error
print("BREACH", open('/etc/hostname', "rb").read())
