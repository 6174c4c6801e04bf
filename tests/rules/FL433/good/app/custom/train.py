import nvflare.client as flare

flare.init()
model = flare.receive()
flare.send(flare.FLModel(params=model.params))
