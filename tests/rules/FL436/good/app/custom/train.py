import torch

import nvflare.client as flare

flare.init()
while flare.is_running():
    model = flare.receive()
    model.params = {name: torch.tensor(array, dtype=torch.bfloat16) for name, array in model.params.items()}
    flare.send(flare.FLModel(params=model.params))
