import torch


class Net(torch.nn.Module):
    def __init__(self, width=2):
        self.layer = torch.nn.Linear(width, 1)

    def forward(self, x):
        return self.layer(x)
