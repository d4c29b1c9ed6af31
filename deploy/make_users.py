"""Write Kafka's users for Strimzi, each with what its process does there.

    .venv/bin/python deploy/make_users.py

They go to kubernetes/overlays/operators/users.yaml; run it again when a test says that they are not those of the code.
"""

import sys
from pathlib import Path

from services.chassis.kafka.rights import Grant
from services.chassis.settings import Settings
from services.runtime.kafka.users import PREFIX
from services.runtime.principals import principals

USERS = Path(__file__).parent / "kubernetes" / "overlays" / "operators" / "users.yaml"
HEAD = "# Made by deploy/make_users.py from services/runtime/principals.py.\n"


def users(settings: Settings) -> str:
    """The file."""
    return HEAD + "---\n".join(_user(name, grants) for name, grants in principals(settings).items())


def _user(name: str, grants: list[Grant]) -> str:
    return f"""\
apiVersion: kafka.strimzi.io/v1
kind: KafkaUser
metadata:
  name: {PREFIX}{name}
  labels: {{strimzi.io/cluster: maplebridge}}
spec:
  authentication: {{type: scram-sha-512}}
  authorization:
    type: simple
    acls:
{"".join(map(_acl, grants))}"""


def _acl(grant: Grant) -> str:
    return f"""\
      - resource: {{type: {grant.kind}, name: {grant.name}, patternType: literal}}
        operations: [{", ".join(grant.operations)}]
"""


if __name__ == "__main__":
    USERS.write_text(users(Settings()), "utf-8")
    sys.stdout.write(f"The users are in {USERS}.\n")
