"""Position tokens: how far somebody has read several logs, as ``incidents=7, registry=12.3f9c2b7d@unit-wanda-a-1812``.

What stands behind the dot says in which history of the log the position is: one that was restored from an older copy
hands positions out a second time. What stands behind the @ is the stream that was written to: a reader that reads a log
by partitions waits for that stream's alone. Either may be missing: then it is any history, and it waits for all.
"""

import re
from collections.abc import Iterator, Mapping
from uuid import UUID

from services.chassis.http.refusals import HeaderMalformed

STREAM = re.compile(r"[A-Za-z0-9._:-]{1,120}", re.ASCII)
ITEM = re.compile(rf"([a-z][a-z0-9-]{{0,39}})=([0-9]{{1,18}})(?:\.([0-9a-f]{{8}}))?(?:@({STREAM.pattern}))?", re.ASCII)
MOST = 16


def history(lineage: UUID | None) -> str:
    """What a token says of a history: the first eight digits of its name; a log has a handful of them."""
    return str(lineage)[:8] if lineage else ""


def token(source: str, position: int, history_: str, stream: str) -> str:
    """The token of one position, its history, and the stream that it is about where a header can carry its name."""
    within = f".{history_}" if history_ else ""
    about = f"@{stream}" if STREAM.fullmatch(stream) else ""
    return f"{source}={position}{within}{about}"


class PositionVector(Mapping[str, int]):
    """A position for each source; what is not named is at 0.

    Attributes:
        streams: by source, the stream which that position is about, where it is known.
        histories: by source, the history which that position is in, as ``history`` writes it, where it is known.
    """

    def __init__(
        self,
        positions: Mapping[str, int] | None = None,
        streams: Mapping[str, str] | None = None,
        histories: Mapping[str, str] | None = None,
    ) -> None:
        self._positions = dict(sorted((positions or {}).items()))
        self.histories = {source: name for source, name in (histories or {}).items() if name}
        # a name that a header cannot carry is left out: its reader waits for all partitions
        self.streams = {source: name for source, name in (streams or {}).items() if STREAM.fullmatch(name)}

    @classmethod
    def parse(cls, text: str, header: str = "Maple-After") -> "PositionVector":
        """A token from a header.

        Raises:
            HeaderMalformed: it is no list of source=position, or names a source twice.
        """
        found: dict[str, int] = {}
        streams: dict[str, str] = {}
        histories: dict[str, str] = {}
        for item in text.split(",") if text.strip() else ():
            match = ITEM.fullmatch(item.strip())
            if match is None or match[1] in found or len(found) == MOST:
                raise HeaderMalformed(
                    f"{header} must be like 'registry=1234, incidents=7': send back what you got.", header
                )
            found[match[1]] = int(match[2])
            if match[3]:
                histories[match[1]] = match[3]
            if match[4]:
                streams[match[1]] = match[4]
        return cls(found, streams, histories)

    def covers(self, other: Mapping[str, int]) -> bool:
        """Whether everything that the other has read is within this one."""
        return all(self._positions.get(source, 0) >= position for source, position in other.items())

    def __getitem__(self, source: str) -> int:
        return self._positions[source]

    def __iter__(self) -> Iterator[str]:
        return iter(self._positions)

    def __len__(self) -> int:
        return len(self._positions)

    def __str__(self) -> str:
        return ", ".join(
            token(source, position, self.histories.get(source, ""), self.streams.get(source, ""))
            for source, position in self.items()
        )

    def __repr__(self) -> str:
        return f"PositionVector({self._positions})"
