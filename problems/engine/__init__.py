"""The reference: float64 NumPy functions, each checked against PyTorch in the tests.

One module a subject. Arrays are batched on their first axis; shapes stand in every docstring.
"""
