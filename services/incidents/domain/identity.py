"""Which incident it is that another system reports."""

from hashlib import blake2b


def digest_of(source: str, source_id: str) -> bytes:
    """The 16 bytes that stand for the incident that a source calls ``source_id``."""
    # \x1e can be in neither: no two pairs are joined to one text
    return blake2b(f"{source}\x1eid\x1e{source_id}".encode(), digest_size=16).digest()


def digest_in(place: str, digest: bytes) -> bytes:
    """The 16 bytes that stand for the incident where a report from another city has the digest already.

    Two cities may each have a source of the same name. The first to report keeps the digest itself: what is in the log
    from before cities were told apart is recognised without a second look-up.
    """
    return blake2b(f"{city_of(place)}\x1ein\x1e".encode() + digest, digest_size=16).digest()


def incident_of(digest: bytes) -> str:
    """The incident's id: 24 characters of its digest; among a hundred million incidents no two are alike."""
    return digest[:12].hex()


def city_of(place: str) -> str:
    """The outermost part of a place."""
    return place.partition("/")[0]
