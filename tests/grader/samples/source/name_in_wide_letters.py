# expect: accepted
# Python takes fullwidth letters in a name for the ordinary ones.
import numpy as np


def ｆｏｒｇｅｔ_ｇａｔｅ(x, h_prev, W_f, U_f, b_f):
    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))
