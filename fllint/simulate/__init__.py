"""The smoke run: runs a job's real components, or says how they would work together.

Three levels: *plan* (`plan`) runs nothing; *run* lets NVFlare's own runners run the job's components in about a second,
under a supervisor (`supervisor`) in the user's interpreter; *full* is NVFlare's own simulator under the same
supervisor. fllint itself never imports NVFlare: the two sides speak JSON lines (`supervise`). What the supervisor tells
becomes findings (`findings`, `rules`) and a report (`report`).
"""
