"""From documents to the job as NVFlare sees it."""
