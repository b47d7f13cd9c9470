# expect: invalid_output
# A class by the function's name: its objects are no arrays.
class forget_gate:
    def __init__(self, *arguments):
        pass
