import nvflare.client as flare


def main():
    flare.init()
    while flare.is_running():
        model = flare.receive()
        flare.send(flare.FLModel(params=model.params, metrics={"accuracy": 0.5}))


if __name__ == "__main__":
    main()
