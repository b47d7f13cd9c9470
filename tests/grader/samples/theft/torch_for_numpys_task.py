# expect: error
# task: softmax_cross_entropy_gradient
# This task is for NumPy alone; PyTorch's own loss would give the answer.
import importlib
import sys

sys.path += ["/site-packages", "/usr/lib/python3/dist-packages"]
for finder in sys.meta_path:
    getattr(finder, "invalidate_caches", lambda: None)()
torch = importlib.import_module("to" + "rch")


def softmax_cross_entropy_gradient(logits, labels):
    z = torch.tensor(logits, requires_grad=True)
    torch.nn.functional.cross_entropy(z, torch.tensor(labels)).backward()
    return z.grad.numpy()
