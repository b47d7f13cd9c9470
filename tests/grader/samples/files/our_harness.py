# expect: error
text = open("/box/grader/harness.py", "rb").read()
print("BREACH", text)
