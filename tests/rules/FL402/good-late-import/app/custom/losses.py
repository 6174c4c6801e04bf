def loss_of(value):
    from trainer import Options

    return Options.scale * value
