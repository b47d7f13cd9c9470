# expect: error|memory
# Pages that nobody has touched yet, shared, so that they are counted to no one.
import mmap

kept = []
while True:
    kept.append(mmap.mmap(-1, 64 * 2**20, mmap.MAP_SHARED))
