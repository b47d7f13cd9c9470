# expect: compile_error
x = "ÿþú"
