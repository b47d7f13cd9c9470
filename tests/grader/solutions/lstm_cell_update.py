def cell_update(f, c_prev, i, c_tilde):
    return f * c_prev + i * c_tilde
