# expect: crashed|error
# in: make test
# 32-bit getpid by machine code: another architecture's calls must not slip by the filter.
import ctypes
import mmap

page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(bytes.fromhex("b814000000cd80c3"))
address = ctypes.addressof(ctypes.c_char.from_buffer(page))
print("BREACH", ctypes.CFUNCTYPE(ctypes.c_int)(address)())
