# expect: error
# An exception whose text is an exception.
class Fails(Exception):
    def __str__(self):
        raise self


raise Fails
