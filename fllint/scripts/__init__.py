"""Reading the scripts that jobs run, without running them: arguments, imports, use of the Client API."""
