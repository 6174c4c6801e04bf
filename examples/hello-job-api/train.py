"""Moves every weight a little: what a training script has to do, without the training."""

import argparse

import nvflare.client as flare

parser = argparse.ArgumentParser()
parser.add_argument("--learning-rate", type=float, default=0.01)
args = parser.parse_args()

flare.init()
while flare.is_running():
    model = flare.receive()
    weights = {name: value + args.learning_rate for name, value in model.params.items()}
    flare.send(flare.FLModel(params=weights))
