import nvflare.client as flare
from record import Record

flare.init()
while flare.is_running():
    model = flare.receive()
    record = Record(loss=0.5)
    flare.send(flare.FLModel(params=model.params, params_type="FULL", meta={"record": record.as_dict()}))
