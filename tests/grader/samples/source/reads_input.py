# expect: error
name = input()
