# expect: timeout
# Numbers that all have one hash: a dictionary of them takes quadratic time.
modulus = 2**61 - 1
collided = {}
for i in range(10**7):
    collided[i * modulus] = i
