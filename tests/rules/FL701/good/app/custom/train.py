import argparse

import nvflare.client as flare

parser = argparse.ArgumentParser()
parser.add_argument("--table", default="patients.csv")
arguments = parser.parse_args()

flare.init()
while flare.is_running():
    model = flare.receive()
    flare.send(flare.FLModel(params=model.params, params_type="FULL"))
