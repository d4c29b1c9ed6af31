"""Reading a service's events as they come: the port, and the log itself as its first kind."""
