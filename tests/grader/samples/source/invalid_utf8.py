# expect: compile_error
# Bytes that are no text.
x = "ÿþú"
