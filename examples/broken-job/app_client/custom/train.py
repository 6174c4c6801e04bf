"""Federated linear regression in numpy: every site fits the same three weights to its own samples."""

import argparse
import zlib

import numpy as np

import nvflare.client as flare

MODEL = "numpy_key"  # the name under which NVFlare's NPModelPersistor keeps its one array
TRUE_WEIGHTS = np.array([1.0, -2.0, 0.5], dtype=np.float32)


def samples_of(site, count):
    """The site's own samples: each site draws its inputs around a centre of its own."""
    random = np.random.default_rng(zlib.crc32(site.encode()))
    inputs = random.normal(loc=random.normal(size=3), size=(count, 3)).astype(np.float32)
    targets = inputs @ TRUE_WEIGHTS + random.normal(scale=0.1, size=count).astype(np.float32)
    return inputs, targets


def accuracy(weights, inputs, targets):
    """The share of the samples that the weights predict to within 0.5."""
    return float(np.mean(np.abs(inputs @ weights - targets) < 0.5))


def train(weights, inputs, targets, steps, learning_rate):
    """The weights after some steps of gradient descent on the mean squared error."""
    for _ in range(steps):
        errors = inputs @ weights - targets
        weights = weights - learning_rate * inputs.T @ errors / len(targets)
    return weights


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--learning-rate", type=float, default=0.1)
    parser.add_argument("--samples", type=int, default=200)
    args = parser.parse_args()

    flare.init()
    inputs, targets = samples_of(flare.get_site_name(), args.samples)

    while flare.is_running():
        received = flare.receive()
        weights = received.params[MODEL]
        trained = train(weights, inputs, targets, args.steps, args.learning_rate)
        flare.send(
            flare.FLModel(
                params={MODEL: trained},
                metrics={"accuracy": accuracy(weights, inputs, targets)},
                meta={"NUM_STEPS_CURRENT_ROUND": args.steps},
            )
        )


if __name__ == "__main__":
    main()
