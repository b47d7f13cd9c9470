import torch


def embedding_lookup(E, ids):
    return torch.nn.functional.embedding(ids, E)
