import nvflare.client as flare

flare.init()
print(flare.get_sitename())
while flare.is_running():
    model = flare.receive()
    flare.send(flare.FLModel(params=model.params))
