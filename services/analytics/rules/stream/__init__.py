"""The rules over Kafka: events become facts, facts travel to the partition of their unit, and there the rules look."""
