"""What users may set, where they set it, and what holds for a job (docs/settings.md)."""
