"""The supervisor of a smoke run: runs a job's real components under the user's own interpreter.

This package runs under the interpreter that has NVFlare, not under fllint's, so it uses the standard library and
NVFlare only, nothing else of fllint, and the syntax of Python 3.8. It is started as a program (`__main__`), takes one
request as a JSON line on its standard input, and says what happens as JSON lines on its standard output (`events`).

One process each for the supervisor itself (`watch`), the server (`server`) and every site (`site`); the server and the
sites are joined by socket pairs (`wire`), no network. What runs in them are NVFlare's own runners, configurators,
engines, filters and events; only the cell below them is ours (`post`), and the way tasks are handed out
(`communicator`).
"""
