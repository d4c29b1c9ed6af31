"""What the services refuse, in words for the officer at the door.

A kind that is not here is told as the service says it. The keys are the last segment of a problem's ``type``, or its
``rule``: the constraint that a field breaks.
"""

from collections.abc import Mapping
from typing import Final

from services.analytics.pages.words import mark

PROBLEMS: Final[Mapping[str, str]] = {
    # every service
    "version-conflict": mark("The ledger has changed since you looked."),
    "not-found": mark("The ledger does not have this any more."),
    "role-refused": mark("This is not in your beat, or not yours to do."),
    "scope-missing": mark("This is not in your beat, or not yours to do."),
    "outside-scope": mark("This is not in your beat, or not yours to do."),
    "invalid": mark("Something in this was not understood: look at it again."),
    "blank": mark("It must not be blank: write at least one letter or digit."),
    "unseen-character": mark("It holds a character that cannot be seen: type it by hand instead of pasting it."),
    "phone": mark("It must be a telephone number: 5 to 20 digits, with blanks or hyphens between them."),
    "document": mark("It must be the number of a document: 5 to 25 Latin letters and digits, as printed on it."),
    "resident-number": mark("The check digit of this identity number does not fit: a digit is mistyped."),
    "key-reused": mark("This was sent before with other words: send it anew."),
    "erased": mark("This person's record was erased and cannot be read again."),
    # registry
    "unit-unknown": mark("The ledger has no such unit: check the number."),
    "unit-unclassified": mark("This unit has no use class yet: the station sets it first."),
    "hotel-has-no-tenants": mark("This is a hotel: its operator counts the stays, nobody moves in here."),
    "tenancy-overlaps": mark("Somebody lives there at that time: note the move-out first, or another date."),
    "tenancy-exists": mark("This household is in the ledger already."),
    "tenancy-unknown": mark("The ledger has no such household in this unit."),
    "tenancy-ended-before": mark("This household has left already."),
    "door-is-another": mark("This is another door's number: use the unit as it is registered."),
    "move-out-before-move-in": mark("Nobody leaves before they came: check the time."),
    "category-unlike-class": mark("This way of holding does not go with the unit's registered use."),
    "date-before-unit": mark("The unit was not in the ledger yet at that time: choose a later one."),
    "not-yet-happened": mark("This time has not come yet: note it once it has happened."),
    "nobody-moves-in": mark("Somebody has to move in: fill in who."),
    "occupant-twice": mark("The same person stands there twice."),
    "occupant-already-there": mark("This person is registered there already."),
    "occupant-unknown": mark("The ledger has no such person in this household."),
    "verification-before-move-in": mark("The household came later than that: check the time."),
    "verification-lapsed": mark("The household has left, nobody is left to verify."),
    "already-verified": mark("This person is verified already."),
    "round-closed": mark("This round is closed: plan another."),
    "round-unknown": mark("The ledger has no such round."),
    "unit-not-in-round": mark("This door is not in the round."),
    "subject-unknown": mark("The ledger has no such person."),
    "subject-was-erased": mark("This person's record was erased and cannot be read again."),
    "purpose-missing": mark("This verification is done: the record opens for an open one only."),
    "nothing-opened": mark("Something in this was not understood: look at it again."),
    # incidents
    "incident-unknown": mark("Nobody reported this incident."),
    "incident-is-resolved": mark("This incident is resolved already: it has to be reopened first."),
    "not-your-task": mark("You were not sent to this incident: ask the dispatch room."),
    "officer-not-dispatched": mark("You were not sent to this incident: ask the dispatch room."),
    "happened-before-its-cause": mark("This lies before you were sent: check the time."),
    # analytics
    "alert-unknown": mark("There is no such alert."),
    "alert-taken": mark("A colleague has taken it already."),
    "alert-is-closed": mark("This alert is closed already."),
    "alert-not-acknowledged": mark("Take the alert first, then close it."),
}
