from nvflare.app_common.abstract.shareable_generator import ShareableGenerator


class OwnGenerator(ShareableGenerator):
    def learnable_to_shareable(self, model_learnable, fl_ctx):
        return model_learnable

    def shareable_to_learnable(self, shareable, client_ids, fl_ctx):
        return shareable


def learned(generator, shareable, client_ids, fl_ctx):
    return generator.shareable_to_learnable(shareable, client_ids, fl_ctx)
