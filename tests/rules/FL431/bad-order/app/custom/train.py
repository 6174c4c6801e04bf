import nvflare.client as flare

print(flare.get_site_name())
flare.init()
while flare.is_running():
    model = flare.receive()
    flare.send(flare.FLModel(params=model.params))
