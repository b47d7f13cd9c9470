# expect: timeout
class Spin(Exception):
    def __str__(self):
        while True:
            pass


raise Spin
