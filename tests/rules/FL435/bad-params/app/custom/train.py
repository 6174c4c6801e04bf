import numpy as np
import torch

import nvflare.client as flare


def weights_of(net):
    return [value.numpy() for value in net.state_dict().values()]


net = torch.nn.Linear(2, 1)
flare.init()
while flare.is_running():
    model = flare.receive()
    params = np.concatenate([value.numpy().ravel() for value in net.state_dict().values()])
    if flare.is_train():
        flare.send(flare.FLModel(params=net.parameters()))
    elif flare.is_evaluate():
        flare.send(flare.FLModel(params=weights_of(net)))
    else:
        result = flare.FLModel(params=params)
        result.params = list(model.params.values())
        flare.send(result)
