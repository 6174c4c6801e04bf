"""The rules: one module per family, one function per rule. Installed as fllint.rules."""
