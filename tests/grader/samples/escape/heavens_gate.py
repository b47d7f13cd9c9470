# expect: crashed
# Far return into 32-bit code, where the same numbers are other calls; on aarch64 it is no code.
import ctypes
import struct

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 4]
# PROT_READ | WRITE | EXEC; MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT
page = libc.mmap(None, 4096, 7, 0x62, -1, 0)
low = page + 64
# push 0x23; push low; retfq
enter = b"\x6a\x23\x68" + struct.pack("<I", low & 0x7FFFFFFF) + b"\x48\xcb"
# mov eax, 5 (open); xor ecx, ecx; int 0x80; ud2
inside = b"\xb8\x05\0\0\0\x31\xc9\xcd\x80\x0f\x0b"
ctypes.memmove(page, enter, len(enter))
ctypes.memmove(low, inside, len(inside))
ctypes.CFUNCTYPE(None)(page)()
print("BREACH")
