"""Fields of forms: native inputs, each with its name above and what is wrong with it below."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from nicegui import ui
from nicegui.events import GenericEventArguments

from services.analytics.pages.gateway import Done, Gateway, Refusal
from services.analytics.pages.kit import Text, box, button
from services.analytics.pages.refusals import sentence
from services.analytics.pages.sheet import refused, tell
from services.analytics.pages.viewer import View

VALUE = "(event) => emit(event.target.value)"


class Field:
    """One input.

    Attributes:
        value: what stands in it, as text.
    """

    def __init__(self, name: str, *, tag: str = "input", kind: str = "text", value: str = "", limit: int = 0) -> None:
        self.value = value
        self._around = box("field", "label")
        with self._around:
            Text(name, "field-name")
            self.input = ui.element(tag)
            self.input.props["aria-label"] = name
            if tag == "input":
                self.input.props["type"] = kind
            if tag != "select":
                self.input.props["value"] = value
            if limit:
                self.input.props["maxlength"] = limit
            self.input.on("input", self._typed, js_handler=VALUE)
            self._wrong = Text("", "wrong").props('role="alert"')

    def _typed(self, event: GenericEventArguments) -> None:
        self.value = str(event.args if not isinstance(event.args, list) else event.args[0])

    @property
    def given(self) -> str | None:
        """What stands in it, without blanks at its ends; None where that is nothing."""
        return self.value.strip() or None

    def set_visibility(self, visible: bool) -> None:
        """Shows it with its name, or hides both."""
        self._around.set_visibility(visible)

    def wrong(self, sentence: str = "") -> None:
        """Says what is wrong with it, or that nothing is."""
        self._wrong.text = sentence
        self.input.props["aria-invalid"] = str(bool(sentence)).lower()


class Choice(Field):
    """A choice of a few. options: value to words."""

    def __init__(self, name: str, options: Mapping[str, str], value: str = "") -> None:
        super().__init__(name, tag="select", value=value or next(iter(options), ""))
        with self.input:
            for option, words in options.items():
                entry = ui.element("option")
                entry.props["value"] = option
                if option == self.value:
                    entry.props["selected"] = True
                with entry:
                    Text(words)


Send = Callable[[Gateway], Awaitable[Done]]


class Form:
    """Sends what stands in some fields, and shows a refusal at the field it is about.

    Args:
        fields: by the JSON pointer of what they are for, such as ``/title``. send: the command. done: what then.
    """

    def __init__(self, view: View, fields: Mapping[str, Field], required: Sequence[str] = ()) -> None:
        self._view, self._fields, self._required = view, fields, required

    def button(
        self, words: str, send: Send, said: str, done: Callable[[Done], Awaitable[None]], *, kind: str = "solid"
    ) -> ui.element:
        """The button that sends the form."""

        async def press() -> None:
            if not self._complete():
                return
            made.props["disabled"] = True
            try:
                answer = await send(self._view.gateway)
            except Refusal as refusal:
                self._show(refusal)
                return
            finally:
                made.props.pop("disabled", None)
            tell(said)
            await done(answer)

        made = button(words, press, kind=kind)
        return made

    def _complete(self) -> bool:
        whole = True
        for pointer, field in self._fields.items():
            missing = pointer in self._required and field.given is None
            field.wrong(self._view.words.say("Please fill this in") if missing else "")
            whole = whole and not missing
        return whole

    def _show(self, refusal: Refusal) -> None:
        field = self._fields.get(refusal.pointer)
        if field is not None:
            field.wrong(sentence(self._view.words, refusal))
        else:
            refused(self._view, refusal)
