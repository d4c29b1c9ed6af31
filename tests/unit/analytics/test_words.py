"""What the feed and the evidence say of an event."""

from contracts.mediation import WITHHELD, IssueRaised
from services.analytics import words


def test_an_item_without_a_public_title_is_told_in_one_language_at_a_time():
    said = words.line(IssueRaised.type, {"kind": "agenda-item", "title": WITHHELD})
    assert said == ("议题：居民事项", "Item: A resident's item")
    assert words.line(IssueRaised.type, {"kind": "agenda-item", "title": "路灯"}).en == "Item: 路灯"
