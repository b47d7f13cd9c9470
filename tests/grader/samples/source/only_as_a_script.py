# expect: missing
# The function is there for whoever runs the file as a script, which we do not.
if __name__ == "__main__":

    def forget_gate(x, h_prev, W_f, U_f, b_f):
        return h_prev
