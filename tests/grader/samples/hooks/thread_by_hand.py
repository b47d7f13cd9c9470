# expect: wrong
# As daemon_thread, past Python: by libc's own threads, and by the calls that make them.
import ctypes

import numpy as np

libc = ctypes.CDLL(None, use_errno=True)
work = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)(lambda _: None)
thread = ctypes.c_ulong()
if libc.pthread_create(ctypes.byref(thread), None, work, None) == 0:
    print("BREACH")
# CLONE_VM, _FS, _FILES, _SIGHAND, _THREAD, _SYSVSEM
if libc.syscall(56, 0x50F00, 0, 0, 0, 0) > 0:
    print("BREACH")


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
