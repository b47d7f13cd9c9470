# expect: error
__import__("torch")
