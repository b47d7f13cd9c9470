# expect: error
raise SystemExit(0)
