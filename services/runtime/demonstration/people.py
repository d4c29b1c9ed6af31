"""Invented people. No number of theirs can be anybody's: the prefix of the phone and of the document exist nowhere."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from contracts.common import Actor
from services.registry.deciders import SUBJECT
from services.registry.domain.subject_commands import CreateSubjectKey
from services.registry.domain.tenancy_commands import MoveIn, Newcomer
from services.registry.personal_fields import check_digit
from services.runtime.demonstration.plan import Draft, Plan, SealedText

SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN_FIRST: Final = "建秀志桂海文晓立玉国春永丽德雪长思佳子宇雨浩梦一若俊静天欣嘉诗泽慧振淑少彩启亚守"
GIVEN_LAST: Final = "国兰强英燕博梅新珍庆花刚娟明莲江远怡涵航桐然洁鸣曦杰雯佑妍豪琪敏华芬霞楠信宁平安"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist.

    Attributes:
        subject: the id. name, phone, document: for the vault only.
    """

    subject: str
    name: str
    phone: str
    document: str

    @property
    def key(self) -> str:
        """The name of the key that seals what is personal."""
        return f"subject:{self.subject}"

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """What is sealed, each under the key."""
        return ((self.key, self.name), (self.key, self.phone), (self.key, self.document))

    def newcomer(self, sealed: SealedText) -> Newcomer:
        """As registered."""
        return Newcomer(
            subject=self.subject,
            name=sealed(self.key, self.name),
            phone=sealed(self.key, self.phone),
            document=sealed(self.key, self.document),
        )


def people(chance: random.Random, prefix: str) -> Iterator[Person]:
    """People without end, each with an id, a phone and a document of their own.

    The documents have the form of a resident identity number, of a region that there is not: they are nobody's.
    """
    kind = sum(prefix.encode()) % 90 + 10
    number = 0
    while True:
        number += 1
        born = f"{chance.randint(1945, 2004)}{chance.randint(1, 12):02d}{chance.randint(1, 28):02d}"
        document = f"0000{kind}{born}{number % 1000:03d}"
        yield Person(
            subject=f"{prefix}-{number:05d}",
            name=chance.choice(SURNAMES) + chance.choice(GIVEN_FIRST) + chance.choice(GIVEN_LAST),
            phone=f"100{kind}{number:06d}",
            document=document + check_digit(document),
        )


def becomes_subject(plan: Plan, at: datetime, person: str, place: str, who: Actor) -> None:
    """A person gets a key of their own; the second time nothing happens."""
    command = CreateSubjectKey(subject=person, place=place, effective_at=at)
    plan.add(at, "registry", SUBJECT, person, command, who)


def moves_in(tenancy: str, category: str, persons: tuple[Person, ...], at: datetime, lease: str | None = None) -> Draft:
    """The command that a household moves in."""

    def build(sealed: SealedText) -> MoveIn:
        return MoveIn(
            tenancy=tenancy,
            category=category,
            lease_filing=lease,
            occupants=tuple(person.newcomer(sealed) for person in persons),
            effective_at=at,
        )

    return Draft(tuple(text for person in persons for text in person.texts), build)
