import numpy as np

import nvflare.client as flare


def main():
    flare.init()
    while flare.is_running():
        model = flare.receive()
        params = {name: value + 1.0 for name, value in model.params.items()}
        flare.send(
            flare.FLModel(params=params, metrics={"accuracy": 0.5}, meta={"NUM_STEPS_CURRENT_ROUND": 3})
        )


if __name__ == "__main__":
    main()
