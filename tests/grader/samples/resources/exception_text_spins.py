# expect: timeout
# An exception whose text never ends.
class Spin(Exception):
    def __str__(self):
        while True:
            pass


raise Spin
