from nvflare.apis.dxo import DXO, DataKind
from nvflare.app_common.aggregators.assembler import Assembler


class MyAssembler(Assembler):
    def __init__(self):
        super().__init__(data_kind=DataKind.WEIGHTS)

    def get_model_params(self, dxo):
        return {"w": dxo.data}

    def assemble(self, data, fl_ctx):
        first = next(iter(data.values()))
        return {"w": first["w"]}
