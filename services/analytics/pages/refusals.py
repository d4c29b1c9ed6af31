"""What the services refuse, as the pages say it in either language; a kind that is not here is told as it came."""

from collections.abc import Mapping
from typing import Final

from services.analytics.pages.gateway import Refusal, Unreachable
from services.analytics.pages.shapes import Positions
from services.analytics.pages.words import Words, mark

CHANGED: Final = mark("Somebody else was faster. Look again, then decide.")
FORBIDDEN: Final = mark("You may not do this here.")

SENTENCES: Final[Mapping[str, str]] = {
    "version-conflict": CHANGED,
    "outside-scope": FORBIDDEN,
    "role-not-permitted": FORBIDDEN,
    "not-found": mark("There is no such thing here (any more)."),
    "issue-unknown": mark("There is no such item."),
    "issue-is-resolved": mark("This item is done already."),
    "issue-not-resolved": mark("Nobody has said yet that this item is done."),
    "already-confirmed": mark("The resident has confirmed this already."),
    "commitments-open": mark("A promise is still open: it has to be kept first."),
    "commitment-unknown": mark("There is no such promise."),
    "due-day-has-passed": mark("This day has passed: choose a later one."),
    "not-the-resident-who-raised-it": mark("Only the resident who raised the item can say this."),
    "incident-is-resolved": mark("This incident is resolved already."),
    "officers-unknown": mark("This officer has never come on duty here: choose from those on duty."),
    "officer-not-dispatched": mark("This officer is not sent there (any more)."),
    "incident-unknown": mark("There is no such incident."),
    "tenancy-overlaps": mark("Somebody lives there at that time: note the move-out first."),
    "tenancy-ended-before": mark("This tenancy has ended already."),
    "hotel-has-no-tenants": mark("This is a hotel: its operator counts the stays, nobody moves in here."),
    "unit-unclassified": mark("This unit has no use class yet: the station sets it first."),
    "category-unlike-class": mark("This kind of tenancy does not go with the unit's registered use."),
    "unit-unknown": mark("There is no such unit: check the number."),
    "alert-unknown": mark("There is no such alert."),
    "alert-is-closed": mark("This alert is closed already."),
    "invalid": mark("Something here was not understood: look at it again."),
    "not-read-yet": mark("The services are still catching up: try again in a moment."),
    "shape": mark("The answer of a service is not understood."),
    "report-changed": mark("Another value was reported meanwhile: look at it again, then release it."),
    "nothing-to-release": mark("This figure was not reported for this place and span: look at the list again."),
    "figures-incomplete": mark("The figures are still being counted: try again in a moment."),
    "log-away": mark("The figures may not be whole: a log does not answer. Try again in a moment."),
    "overloaded": mark("The services are busy: try again in a moment."),
}

RULES: Final[Mapping[str, str]] = {
    "missing": mark("Please fill this in"),
    "blank": mark("It must not be blank: write at least one letter or digit."),
    "unseen-character": mark("It holds a character that cannot be seen: type it by hand instead of pasting it."),
    "printable": mark("It holds a character that cannot be seen: type it by hand instead of pasting it."),
    "string-too-long": mark("This is too long: shorten it."),
    "phone": mark("It must be a telephone number: 5 to 20 digits, with blanks or hyphens between them."),
    "document": mark("It must be the number of a document: 5 to 25 Latin letters and digits, as printed on it."),
    "resident-number": mark("The check digit of this identity number does not fit: a digit is mistyped."),
    "identifier": mark("It must be an id: lower-case letters, digits, dots, hyphens and underscores."),
    "unit-number": mark("It must be the number of a door: Latin letters, digits, hyphens and underscores."),
}
"""By the constraint that a field breaks."""

BY_STATUS: Final[Mapping[int, str]] = {
    401: mark("Your token is no longer good: sign in again."),
    403: FORBIDDEN,
    404: SENTENCES["not-found"],
    412: CHANGED,
    422: SENTENCES["invalid"],
    429: mark("Too many requests came at once: wait a moment and try again."),
    503: mark("The services cannot answer just now: try again in a moment."),
}


INCOMPLETE: Final = "figures-incomplete"


def counting(words: Words, positions: Positions | None) -> str:
    """How far the figures are, while they are counted."""
    read, ends = (positions.read.get("kpi", {}), positions.logs) if positions else ({}, {})
    done, total = sum(read.values()), sum(ends.get(source, 0) for source in read)
    if not total:
        return words.say(SENTENCES[INCOMPLETE])
    return words.say(
        "The figures are still being counted: {done} of {all} events are read.",
        done=words.number(min(done, total)),
        all=words.number(total),
    )


def sentence(words: Words, refusal: Refusal) -> str:
    """Why a service said no. English viewers read the service's own sentence."""
    if isinstance(refusal, Unreachable):
        return words.say("The services do not answer.")
    if refusal.rule in RULES:
        return words.say(RULES[refusal.rule])
    known = SENTENCES.get(refusal.kind) or BY_STATUS.get(refusal.status)
    if words.language == "en":
        return str(refusal) or known or ""
    return words.say(known) if known else words.say("It could not be done: {reason}", reason=str(refusal))
