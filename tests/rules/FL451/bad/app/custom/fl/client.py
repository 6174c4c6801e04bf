from flwr.client import ClientApp

app = ClientApp()
