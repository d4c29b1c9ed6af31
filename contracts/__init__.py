"""What crosses a service border: events, alerts, the envelope, refusals. Imports nothing of ours."""
