# expect: error
# The results file of another autograder.
import json
import os

os.makedirs("/autograder/results", exist_ok=True)
with open("/autograder/results/results.json", "w") as file:
    json.dump({"score": 100}, file)
print("BREACH")
