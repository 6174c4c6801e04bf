"""``python -m fllint``."""

from fllint.cli import main

main()
