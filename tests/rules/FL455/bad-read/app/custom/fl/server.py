from flwr.app import Context
from flwr.serverapp import ServerApp

app = ServerApp()


@app.main()
def main(grid, context: Context):
    print(context.run_config["learning-rate"])
