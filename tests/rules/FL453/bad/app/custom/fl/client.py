from flwr.client import ClientApp


def client_fn(context):
    return context.node_config["partition-id"]


app = ClientApp(client_fn=client_fn)
