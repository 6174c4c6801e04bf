"""Reading texts: JSON, HOCON and YAML behind one interface."""
