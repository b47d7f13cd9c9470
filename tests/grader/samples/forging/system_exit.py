# expect: error
# An exception that ends the process well.
raise SystemExit(0)
