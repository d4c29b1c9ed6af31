"""Messages as an outsider checks them: against the AsyncAPI document that an instance serves, and nothing else."""

from collections.abc import Mapping
from typing import Any

import jsonschema_rs
import orjson
from aiokafka import ConsumerRecord


class Described:
    """A document and its schemas.

    Args:
        document: self-contained.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self.channels = {channel["address"]: set(channel["messages"]) for channel in document["channels"].values()}
        messages = document["components"]["messages"]
        self._headers = {name: self._validator(message["headers"]) for name, message in messages.items()}
        self._payloads = {
            name: self._validator(message["payload"].get("schema", message["payload"]))
            for name, message in messages.items()
        }

    def _validator(self, schema: Mapping[str, Any]) -> Any:
        whole = {**schema, "components": self._document["components"]}
        return jsonschema_rs.validator_for(whole, validate_formats=True)

    def check(self, record: ConsumerRecord, topic: str | None = None) -> dict[str, str]:
        """Its headers, where the document describes it on that topic (of another name where its prefix differs)."""
        headers = {name: value.decode() for name, value in record.headers}
        name = headers["ce_type"]
        where = f"{record.topic}, partition {record.partition}, offset {record.offset}: {name}"
        assert name in self.channels[topic or record.topic], f"{where} is not described"
        self._headers[name].validate(headers)
        self._payloads[name].validate(orjson.loads(record.value))
        key = None if record.key is None else record.key.decode()
        assert key == headers.get("ce_subject") == headers.get("ce_partitionkey"), where
        return headers
