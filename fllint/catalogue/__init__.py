"""What each NVFlare release offers."""
