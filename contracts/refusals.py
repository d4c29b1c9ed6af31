"""What a decider answers when a rule forbids a command."""


class Refused(Exception):
    """A broken rule, named as a sentence by its subclass, which is of one of the kinds below.

    Attributes:
        sentence: what is wrong and what to do, for people; names no person.
        pointer: JSON pointer of the field of the command that broke the rule, or ``""``.
    """

    def __init__(self, sentence: str, pointer: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.pointer = pointer


class Mistaken(Refused):
    """What the command says cannot be so, whatever stands on record."""


class Unknown(Refused):
    """What the command is about is not there."""


class Conflicting(Refused):
    """What stands on record forbids it; on another record it would be right."""


class NotAllowed(Refused):
    """It is not for who asks."""


class Gone(Refused):
    """What the command is about was there, and is there no more."""
