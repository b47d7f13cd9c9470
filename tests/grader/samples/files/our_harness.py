# expect: error
# The code that grades.
text = open("/box/grader/harness.py", "rb").read()
print("BREACH", text)
