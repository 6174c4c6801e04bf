import nvflare.client as flare

flare.init()
while flare.is_running():
    model = flare.receive()
    if flare.is_train():
        flare.send(flare.FLModel(params=model.params))
    elif flare.is_evaluate():
        flare.send(flare.FLModel(metrics={"accuracy": 0.5}))
    elif flare.is_submit_model():
        flare.send(flare.FLModel(params={"weight": 1.0}))
