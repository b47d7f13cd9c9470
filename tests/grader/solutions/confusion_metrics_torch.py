import torch


def confusion_metrics(y_true, y_pred):
    hits = int(torch.sum(y_true * y_pred))
    predicted, positive = int(y_pred.sum()), int(y_true.sum())
    precision = hits / predicted if predicted else 0.0
    recall = hits / positive if positive else 0.0
    f1 = 2 * hits / (predicted + positive) if hits else 0.0
    return (y_true == y_pred).double().mean(), precision, recall, f1
