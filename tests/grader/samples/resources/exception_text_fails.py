# expect: error
class Fails(Exception):
    def __str__(self):
        raise self


raise Fails
