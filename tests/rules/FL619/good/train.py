import nvflare.client as flare

flare.init()
while flare.is_running():
    model = flare.receive()
    flare.send(model)
