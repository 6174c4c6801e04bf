from trainer import Options


def loss_of(value):
    return Options.scale * value
