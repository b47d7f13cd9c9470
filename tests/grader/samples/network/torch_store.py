# expect: error|crashed
# in: make test
# PyTorch has a server of its own, written in C++.
import torch
import torch.distributed as distributed

store = distributed.TCPStore("127.0.0.1", 29501, 1, True)
store.set("key", "BREACH")
print(store.get("key"))
