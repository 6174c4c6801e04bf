from model import Net
from nvflare.app_opt.pt.recipes.fedavg import FedAvgRecipe
from nvflare.recipe import SimEnv


def main():
    recipe = FedAvgRecipe(
        name="hello",
        min_clients=2,
        num_rounds=2,
        model=Net(),
        train_script="client.py",
        train_args="",
        per_site_config={"site-1": {"train_args": ""}, "site-2": {}},
    )
    env = SimEnv(clients=["site-1", "site-2"])
    run = recipe.execute(env)
    print(run.get_status(), run.get_result())


if __name__ == "__main__":
    main()
