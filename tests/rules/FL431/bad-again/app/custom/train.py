import nvflare.client as flare

flare.init()
print(flare.get_site_name())
while flare.is_running():
    model = flare.receive()
    flare.send(model)
    flare.send(flare.FLModel(params=model.params))
