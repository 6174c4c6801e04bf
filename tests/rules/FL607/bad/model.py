import torch


class Net(torch.nn.Module):
    def __init__(self, n=2):
        super().__init__()
        self.fc = torch.nn.Linear(n, 1)

    def forward(self, x):
        return self.fc(x)
