# expect: invalid_output
class forget_gate:
    def __init__(self, *arguments):
        pass
