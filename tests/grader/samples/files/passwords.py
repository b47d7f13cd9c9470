# expect: error
print("BREACH", open('/etc/passwd', "rb").read())
