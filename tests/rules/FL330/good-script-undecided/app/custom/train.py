import sys

import nvflare.client as flare

kind = flare.ParamsType.DIFF if sys.platform != "win32" else flare.ParamsType.FULL
flare.init()
while flare.is_running():
    model = flare.receive()
    flare.send(flare.FLModel(params=model.params, params_type=kind))
