# expect: invalid_output
# task: random_model_loss
def random_model_loss(classes):
    return classes > 1
