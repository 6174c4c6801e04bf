import nvflare.client as flare
import torch


def main():
    flare.init()
    net = torch.nn.Linear(2, 2)
    while flare.is_running():
        model = flare.receive()
        net.load_state_dict({name: torch.as_tensor(value) for name, value in model.params.items()})
        flare.send(flare.FLModel(params=net, metrics={"accuracy": 0.5}, meta={"NUM_STEPS_CURRENT_ROUND": 3}))


if __name__ == "__main__":
    main()
