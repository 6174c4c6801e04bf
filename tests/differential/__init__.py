"""fllint against NVFlare itself: the same jobs, both opinions, and every disagreement explained."""
