# expect: error
# Wants PyTorch without a line that says so.
__import__("torch")
