# expect: wrong
# Disks, memory, terminals and the kernel's log.
import os

import numpy as np

names = "mem kmem port kmsg sda vda nvme0n1 loop0 tty tty0 console ptmx fuse kvm net/tun random"
for name in names.split():
    for flags in (os.O_RDONLY, os.O_RDWR, os.O_RDONLY | os.O_NONBLOCK):
        try:
            os.open(f"/dev/{name}", flags)
            print("BREACH", name)
        except OSError:
            pass
for kind, number in ((0o20000, os.makedev(1, 1)), (0o60000, os.makedev(8, 0))):
    try:
        os.mknod("/appeared", 0o600 | kind, number)
        print("BREACH")
    except OSError:
        pass


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
