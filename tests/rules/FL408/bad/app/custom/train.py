import nvflare.client as flare
from net import Net


def main():
    flare.init()
    net = Net()
    while flare.is_running():
        model = flare.receive()
        net.load_state_dict(model.params)
        flare.send(flare.FLModel(params=net.state_dict()))


main()
