"""One of each kind of answer."""

from problems.answers import Choice, Integer, Matrix, Real, Shape, Vector, YesNo

INTEGER, REAL, DIGITS = Integer(), Real(decimals=3), Real(digits=3)
VECTOR, MATRIX, SHAPE, YESNO = Vector(decimals=3), Matrix(decimals=3), Shape(), YesNo()
CHOICE = Choice(options={"small": "A 3×3 kernel", "deep": "The  −deep²  one", "none": "neither"})
KINDS = {
    "integer": INTEGER,
    "real": REAL,
    "digits": DIGITS,
    "vector": VECTOR,
    "matrix": MATRIX,
    "shape": SHAPE,
    "choice": CHOICE,
    "yes/no": YESNO,
}
