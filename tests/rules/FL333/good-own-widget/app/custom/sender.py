from nvflare.apis.fl_component import FLComponent


class Sender(FLComponent):
    def handle_event(self, event_type, fl_ctx):
        self.fire_fed_event("analytix_log_stats", {}, fl_ctx)
