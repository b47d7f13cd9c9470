# expect: error
# Imports the engine.
from problems.engine.recurrent import gate

print("BREACH")
