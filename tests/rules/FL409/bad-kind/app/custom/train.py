import nvflare.client as flare


def main():
    flare.init()
    while flare.is_running():
        model = flare.receive()
        params = {k: v + 1 for k, v in model.params.items()}
        flare.send(flare.FLModel(params=params, metrics={"accuracy": 0.5}, meta={"NUM_STEPS_CURRENT_ROUND": 3}))


if __name__ == "__main__":
    main()
