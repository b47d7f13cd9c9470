import numpy as np


def confusion_metrics(y_true, y_pred):
    hits = np.sum((y_true == 1) & (y_pred == 1))
    precision = hits / max(1, np.sum(y_pred))
    recall = hits / max(1, np.sum(y_true))
    f1 = 2 * precision * recall / (precision + recall) if hits else 0
    return np.mean(y_true == y_pred), precision, recall, f1
