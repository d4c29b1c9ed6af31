"""How a log looks on Kafka: messages, partitions, topics, connections."""
