from nvflare.app_common.np.np_model_persistor import NPModelPersistor


class Mine(NPModelPersistor):
    def get_mode(self, model_file, fl_ctx):
        return self.load_model(fl_ctx)
