import nvflare.client as flare


def main():
    flare.init()
    while flare.is_running():
        model = flare.receive()
        weights = {key: value + 1 for key, value in model.weights.items()}
        flare.send(flare.FLModel(params=weights))


main()
