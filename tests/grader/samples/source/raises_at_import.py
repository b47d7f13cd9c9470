# expect: error
raise RuntimeError("at import")
