"""What a decider answers when a rule forbids a command."""


class Refused(Exception):
    """A broken rule, named as a sentence by its subclass.

    Attributes:
        sentence: what is wrong and what to do, for people; names no person.
        pointer: JSON pointer of the field of the command that broke the rule, or ``""``.
    """

    def __init__(self, sentence: str, pointer: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.pointer = pointer
