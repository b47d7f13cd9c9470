# expect: accepted
# in: make test
# Much of what PyTorch has: convolutions, LSTMs, optimisers, backward passes.
import torch
from torch import nn

x = torch.randn(2, 3, 16, 16, requires_grad=True)
net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
net(x).sum().backward()
out, _ = nn.LSTM(5, 7, num_layers=2, bidirectional=True)(torch.randn(4, 3, 5))
nn.MultiheadAttention(8, 2)(*[torch.randn(4, 1, 8)] * 3)[0].mean().backward()
nn.CrossEntropyLoss()(torch.randn(3, 5, requires_grad=True), torch.tensor([1, 2, 0])).backward()
optimiser = torch.optim.Adam(net.parameters())
optimiser.step()
torch.linalg.svd(torch.randn(20, 20)), torch.fft.fft(torch.randn(64)), nn.Embedding(5, 3)(torch.tensor([1]))


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return torch.sigmoid(x @ W_f.T + h_prev @ U_f.T + b_f).requires_grad_()
