# expect: error
# Memory that outlives its process.
from multiprocessing import shared_memory

shared_memory.SharedMemory(create=True, size=10**6)
print("BREACH")
