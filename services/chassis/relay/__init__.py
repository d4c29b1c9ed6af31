"""Publishes a service's log on its topic: one owner at a time, everything at least once, in order."""
