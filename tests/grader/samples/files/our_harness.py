# expect: error
print("BREACH", open('/box/grader/harness.py', "rb").read())
