"""Jobs that a script builds with NVFlare's Job API or a recipe, known without running it."""
