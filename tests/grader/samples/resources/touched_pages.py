# expect: memory
# in: make test
# Memory that neither Python nor NumPy has asked for, a page at a time.
import ctypes

libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 4]
while True:
    # PROT_READ | WRITE; MAP_SHARED | MAP_ANONYMOUS
    page = libc.mmap(None, 2**20, 3, 0x21, -1, 0)
    if page in (None, 2**64 - 1):
        raise MemoryError
    ctypes.memset(page, 1, 2**20)
