"""Everything that the officer's page says is in the catalogue, and everything in the catalogue is said."""

import json
import re

from services.analytics.pages.officer.catalogue import catalogue, translated
from services.analytics.pages.officer.extract import said
from services.analytics.pages.officer.problems import PROBLEMS
from services.analytics.pages.officer.shell import STATIC
from services.chassis.http.declared import DeclaredCommand
from services.chassis.http.foreseen import foreseen
from services.chassis.http.problems import named
from tests.contracts.test_openapi import applications
from tests.declared import commands_of

CALLS = re.compile(r'\b(?:t|plural)\("((?:[^"\\]|\\.)*)"')
ADDRESS = re.compile(r"[`\"](/(?:registry|incidents|analytics)/[^`\"]*)[`\"]")
STEPS = re.compile(r"^const STEPS = {(.*?)};", re.DOTALL | re.MULTILINE)


def sent() -> list[DeclaredCommand]:
    """The commands that the page sends, by the addresses that its scripts write."""
    commands = (STATIC / "core" / "commands.js").read_text("utf-8")
    steps = re.findall(r': "([a-z-]+)"', STEPS.findall(commands)[0])
    assert steps
    written = [each.replace("${STEPS[kind]}", f"(?:{'|'.join(steps)})") for each in ADDRESS.findall(commands)]
    # what is opened is opened below its own address
    written += [f"{each}/openings" for each in ADDRESS.findall((STATIC / "views" / "personal.js").read_text("utf-8"))]
    known = {f"/{name}{command.path}": command for name, app in applications().items() for command in commands_of(app)}
    found = [
        [command for path, command in known.items() if re.fullmatch(re.sub(r"\$\{[^}]*\}", "[^/]+", each), path)]
        for each in written
    ]
    assert all(found), "a script sends what nobody declares"
    return [command for each in found for command in each]


def messages() -> set[str | tuple[str, ...]]:
    return {message for message, _ in said()}


def in_catalogue() -> set[str | tuple[str, ...]]:
    return {message.id if isinstance(message.id, str) else tuple(message.id) for message in translated() if message.id}


def test_every_message_of_the_page_is_in_the_catalogue_and_none_is_left_over() -> None:
    assert in_catalogue() == messages()


def test_no_message_is_hidden_from_the_extraction() -> None:
    known = {each if isinstance(each, str) else each[0] for each in messages()}
    for path in STATIC.rglob("*.js"):
        for found in CALLS.findall(path.read_text("utf-8")):
            assert found in known, (path.name, found)


def test_every_message_is_translated_and_none_is_doubtful() -> None:
    for message in translated():
        if message.id:
            texts = [message.string] if isinstance(message.string, str) else list(message.string or ())
            assert texts, message.id
            assert all(texts), message.id
            assert not message.fuzzy, message.id


def test_a_translation_fills_the_same_places_and_says_nothing_aloud() -> None:
    for message in translated():
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        texts = [message.string] if isinstance(message.string, str) else list(message.string or ())
        for text in texts:
            assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", ids[-1])), ids
            assert not re.search(r"[!！]", text + ids[0]), ids


def test_chinese_words_have_no_latin_letters() -> None:
    words = catalogue("zh")
    allowed = re.compile(r"{\w+}|A-1812")
    for text in words["messages"].values():
        for each in [text] if isinstance(text, str) else text:
            assert not re.search(r"[A-Za-z]", allowed.sub("", each)), each
    assert not any(re.search(r"[A-Za-z]", sentence) for sentence in words["problems"].values())


def test_every_refusal_that_an_officer_can_meet_has_a_sentence_in_both_languages() -> None:
    assert {named(refusal)[0] for command in sent() for refusal in foreseen(command)} <= set(PROBLEMS)
    for language in ("zh", "en"):
        assert set(catalogue(language)["problems"]) == set(PROBLEMS)


def test_the_catalogue_is_json_in_both_languages() -> None:
    for language in ("zh", "en"):
        told = json.loads(json.dumps(catalogue(language)))
        assert set(told) == {"messages", "problems", "places", "organisations", "staff", "categories"}
