"""JSON Schemas of a job's files, by which editors complete and explain them."""
