from nvflare.app_common.np.recipes.fedavg import NumpyFedAvgRecipe
from nvflare.recipe import SimEnv

recipe = NumpyFedAvgRecipe(name="averages", model=[1.0, 2.0], min_clients=2, num_rounds=3, train_script="train.py")
recipe.execute(SimEnv(num_clients=2))
