"""Names as segments of a path, such as that of a place or a category, and the names that they were made of."""

import re
import unicodedata
from hashlib import blake2b

LONGEST = 80  # characters of a segment of a place
MARK = "xn--"
"""Begins a segment in Punycode (RFC 3492), as in internationalised domain names; no other segment begins so."""
DIGEST_BYTES = 6
NOT_PLAIN = re.compile(r"[^a-z0-9]+")


def segment_of(name: str, longest: int = LONGEST) -> str:
    """A name as a segment: ``64XX Victoria Dr`` is ``64xx-victoria-dr``, and ``中山路12号`` is ``xn--12-...``.

    Accents are left out; letters and digits that no Latin letter stands for are kept, so that names which differ by
    them have segments of their own. A name that is too long ends in a digest of the whole.

    Raises:
        ValueError: the name has neither letters nor digits.
    """
    plain = name if name.isascii() else unicodedata.normalize("NFKD", name)
    if not plain.isascii() and any(not sign.isascii() and unicodedata.category(sign)[0] in "LN" for sign in plain):
        kept = _words(unicodedata.normalize("NFKC", name).casefold())
        if not kept.isascii():
            return _punycode(kept, longest)
        plain = kept
    made = NOT_PLAIN.sub("-", plain.encode("ascii", "ignore").decode().lower()).strip("-")[:longest].strip("-")
    if not made:
        raise ValueError("has no letters or digits to make a path of: give it a path in values")
    return made


def name_of(segment: str) -> str:
    """The name that a segment was made of, in small letters; a segment of Latin letters is its own name."""
    if not segment.startswith(MARK):
        return segment
    try:
        return segment.removeprefix(MARK).encode().decode("punycode")
    except UnicodeError:
        return segment


def _words(text: str) -> str:
    """Letters, digits and the marks on them, with a hyphen for each run of anything else."""
    kept = "".join(sign if unicodedata.category(sign)[0] in "LNM" else " " for sign in text)
    return "-".join(kept.split())


def _punycode(words: str, longest: int) -> str:
    coded = words.encode("punycode").decode()
    if len(MARK) + len(coded) <= longest:
        return MARK + coded
    digest = blake2b(words.encode(), digest_size=DIGEST_BYTES).hexdigest()
    return f"{coded[: longest - len(digest) - 1].strip('-')}-{digest}"
