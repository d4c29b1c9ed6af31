"""What one node of Kafka (broker and controller in one) is told."""

from collections.abc import Mapping

OURS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,CLIENTS:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL",
    "inter.broker.listener.name": "CLIENTS",
    # Kafka runs inside its folder: a path would be read as Latin-1, and as a list where it has a comma.
    "log.dirs": "log",
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "8",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "4",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    # A node that was killed is let in again when its old session has run out.
    "broker.heartbeat.interval.ms": "500",
    "broker.session.timeout.ms": "3000",
    "controlled.shutdown.enable": "false",  # there is nobody to hand over to
    "log.cleaner.dedupe.buffer.size": "16777216",  # of a small heap
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "2",
}


def server_properties(broker: int, controller: int, more: Mapping[str, str]) -> str:
    """The text of server.properties for two ports of 127.0.0.1.

    `more` overrides; `listeners` and `advertised.listeners` in it are added to ours, with a comma.
    """
    settings = {
        **OURS,
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "listeners": f"CLIENTS://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"CLIENTS://127.0.0.1:{broker}",
    }
    for name, value in more.items():
        settings[name] = f"{settings[name]},{value}" if name.endswith("listeners") else value
    return "".join(f"{name}={_escaped(value)}\n" for name, value in settings.items())


def _escaped(value: str) -> str:
    """In the way of java.util.Properties, which reads Latin-1."""
    plain = value.replace("\\", "\\\\").replace("\n", "\\n")
    return "".join(sign if sign.isascii() else _unit_escapes(sign) for sign in plain)


def _unit_escapes(sign: str) -> str:
    units = sign.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
