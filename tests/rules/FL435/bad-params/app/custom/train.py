import torch

import nvflare.client as flare

net = torch.nn.Linear(2, 1)
flare.init()
while flare.is_running():
    model = flare.receive()
    params = [value.numpy() for value in net.state_dict().values()]
    if flare.is_train():
        flare.send(flare.FLModel(params=net.parameters()))
    else:
        flare.send(flare.FLModel(params=params))
