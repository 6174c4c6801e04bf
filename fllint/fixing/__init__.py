"""Applying fixes: what findings say should be edited is edited, checked again, and written only when it is no worse."""
