"""Apache Kafka itself, one node in a folder of the user's, under a supervisor of ours.

async with running_kafka(folder) as server:
    producer = AIOKafkaProducer(bootstrap_servers=server.bootstrap)
"""

from services.runtime.kafka.answering import answers
from services.runtime.kafka.server import KafkaServer, kafka_in, running_kafka, start_kafka
from services.runtime.kafka.unavailable import KafkaUnavailable

__all__ = ["KafkaServer", "KafkaUnavailable", "answers", "kafka_in", "running_kafka", "start_kafka"]
