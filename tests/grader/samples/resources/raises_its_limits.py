# expect: error
# Asks for limits of its own.
import resource

resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
print("BREACH")
