import nvflare.client as flare

flare.init()
while flare.is_running():
    model = flare.receive()
    flare.send(flare.FLModel(params_type="FULL", metrics={"accuracy": 0.5}))
