# expect: missing
# The function is in a class, and there only.
class Solution:
    def forget_gate(self, x, h_prev, W_f, U_f, b_f):
        return h_prev
