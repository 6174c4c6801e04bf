"""What the classes are that a job's own code works with most, and what they want of it (hand-kept)."""

from __future__ import annotations

from typing import Final

FL_MODEL: Final = "nvflare.app_common.abstract.fl_model.FLModel"
"""What scripts receive and send (2.3 has none)."""

META_KEYS: Final = "nvflare.apis.dxo.MetaKey"
"""The keys of ``meta`` that NVFlare reads (every release)."""

CLASSES_OF_PARAMETERS: Final = {"fl_ctx": "nvflare.apis.fl_context.FLContext"}
"""The class of what methods are given under a name that NVFlare uses for nothing else (every release)."""

CALLED_BY_NVFLARE: Final = {
    "executor": ("execute",),
    "filter": ("process",),
    "workflow": ("start_controller", "control_flow", "stop_controller"),
}
"""Methods that NVFlare itself calls of what a config has in these roles, whoever calls them too
(private/fed/client/client_runner.py, private/fed/server/server_runner.py, private/privacy_manager.py)."""

BASES_WITH_STATE: Final = {
    "torch.nn.Module": "torch/nn/modules/module.py: cannot assign module before Module.__init__() call",
    "torch.nn.modules.module.Module": "the same class",
    "pytorch_lightning.LightningModule": "is a torch.nn.Module",
    "lightning.LightningModule": "is a torch.nn.Module",
    "lightning.pytorch.LightningModule": "is a torch.nn.Module",
    "threading.Thread": "threading.py: thread.__init__() not called",
}
"""Classes of other packages that nothing works without the constructor of, and why."""
RECIPE_RUN: Final = "nvflare.recipe.run.Run"
"""What ``execute`` of a recipe gives (recipe/spec.py, 2.7 and later)."""
