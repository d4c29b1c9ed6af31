"""A part of a page that is drawn from what a service says, and drawn anew only when that changed."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from services.analytics.pages.gateway import Refusal
from services.analytics.pages.kit import Text, box
from services.analytics.pages.live import Live
from services.analytics.pages.merging import merge
from services.analytics.pages.viewer import View

Content = TypeVar("Content")
FORBIDDEN = 403


class Panel(Generic[Content]):
    """A live part of a page.

    Args:
        load: asks the services. draw: builds the elements within the part. classes, tag, name: of its container, and
            what it is called aloud. rebuilt: what ``draw`` builds is held on to elsewhere, so that nothing of it can
            stay when it is drawn again.
    """

    def __init__(
        self,
        load: Callable[[], Awaitable[Content]],
        draw: Callable[[Content], None],
        classes: str,
        *,
        view: View,
        tag: str = "section",
        name: str = "",
        rebuilt: bool = False,
    ) -> None:
        self._rebuilt = rebuilt
        self._load = load
        self._draw = draw
        self.held: Content | None = None
        self.element = box(classes, tag)
        if name:
            self.element.props["aria-label"] = name
        with self.element:
            loading(view)

    def show(self, content: Content) -> None:
        """Draws the content, unless it stands there already; what stays the same stays the same element."""
        if content == self.held:
            return
        self.held = content
        if self._rebuilt:
            self.element.clear()
            with self.element:
                self._draw(content)
            return
        with self.element.client:
            drawn = box()
        with drawn:
            self._draw(content)
        merge(self.element, drawn)
        drawn.delete()

    async def refresh(self) -> None:
        """Asks again, and draws what is new; what the viewer's role may not read is not there.

        While a service is away the last picture stays.
        """
        try:
            content = await self._load()
        except Refusal as refusal:
            if self.element.is_deleted:
                return
            if refusal.status == FORBIDDEN:
                self.element.set_visibility(False)
            elif not refusal.passing:
                raise
            return
        if self.element.is_deleted:
            return  # the viewer has left meanwhile
        self.element.set_visibility(True)
        self.show(content)

    def follow(self, live: Live, *names: str) -> "Panel[Content]":
        """Refreshes whenever one of these read models or logs has moved."""
        live.when(set(names), self.refresh)
        return self


def loading(view: View) -> None:
    """What stands where an answer is awaited."""
    Text(view.words.say("Reading …"), "loading aside", "p")
