"""What is said beside a figure: why it has no change, and what is not alike in the two spans."""

from services.analytics.pages.shapes import Figure, Span
from services.analytics.pages.viewer import View


def without_change(view: View, figure: Figure) -> str:
    """Why there is no change in percent."""
    say = view.words.say
    if figure.previous != 0 or figure.value is None:
        return say("no like period")
    if figure.value == 0:
        return say("none in either span")
    return say("from 0 to {n}", n=view.words.number(figure.value))


def notes(view: View, figure: Figure) -> list[str]:
    """What a reader has to know before the two spans are held against each other."""
    words, found = view.words, []
    if figure.withheld:
        found.append(words.say("nothing under 5 is shown, and some counts in steps of 5"))
    if figure.previous is not None and figure.change_of == "rate" and figure.span and figure.previous_span:
        days, before = _days(figure.span), _days(figure.previous_span)
        if days != before:
            found.append(words.say("change by the day: {n} days against {before}", n=days, before=before))
    found += [
        words.say(
            "{name}: {n} days off in this span, {before} in the one before",
            name=words.of(holiday.name),
            n=holiday.days,
            before=holiday.previous_days,
        )
        for holiday in figure.moved_holidays
    ]
    if figure.left_out:
        names = words.say(", ").join(view.site.gazetteer.source(each, words.language) for each in figure.left_out)
        found.append(words.say("without {sources}: not covered in both spans", sources=names))
    return found


def _days(span: Span) -> int:
    return (span.last - span.first).days + 1
