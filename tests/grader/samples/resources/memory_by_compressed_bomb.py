# expect: memory
# 10 GB out of some kilobytes.
import bz2

bomb = bz2.compress(bytes(10**7))
print(len(bz2.decompress(bomb * 1000)))
