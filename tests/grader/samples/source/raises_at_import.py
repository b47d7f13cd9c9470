# expect: error
# Raises before there is a function.
raise RuntimeError("at import")
