# expect: missing
# Nothing at all.

