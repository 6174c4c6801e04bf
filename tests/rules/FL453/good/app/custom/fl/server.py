from flwr.server import ServerApp

app = ServerApp()
