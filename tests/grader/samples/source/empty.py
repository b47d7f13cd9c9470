# expect: missing

