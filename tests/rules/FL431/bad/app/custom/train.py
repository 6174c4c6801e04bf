import nvflare.client as flare

while flare.is_running():
    model = flare.receive()
    flare.send(flare.FLModel(params=model.params))
