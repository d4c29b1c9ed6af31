"""Telling people of alerts: each channel with a queue and a time-out of its own, each attempt on record."""
