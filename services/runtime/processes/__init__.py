"""The same system as separate processes: one module a kind, each started by a command from settings alone."""
