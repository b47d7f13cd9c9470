# expect: error
from problems.engine.recurrent import gate

print("BREACH")
