import torch
from net import Net

import nvflare.client as flare

net = Net()
flare.init()
while flare.is_running():
    model = flare.receive()
    model.params = {name: torch.as_tensor(value) for name, value in model.params.items()}
    net.load_state_dict(model.params)
    params = {name: value.numpy() for name, value in net.state_dict().items()}
    flare.send(flare.FLModel(params=params, meta={"NUM_STEPS_CURRENT_ROUND": 1}))
