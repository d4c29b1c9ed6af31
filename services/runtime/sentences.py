"""What goes wrong becomes one sentence on standard error, and a status; no stack trace."""

import contextlib
import os
import sys
from collections.abc import Iterator

FAILED = 1
INTERRUPTED = 130


@contextlib.contextmanager
def one_sentence() -> Iterator[None]:
    """Ends the process with a sentence where the block raises something that a user can mend."""
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.exit(FAILED)
    except Exception as error:
        if os.environ.get("MAPLEBRIDGE_DEBUG"):
            raise
        sys.stderr.write(f"{sentence(error)}\n")
        sys.exit(FAILED)


def sentence(error: BaseException) -> str:
    """The error in words; of a group, its first."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    words = " ".join(str(error).split())
    if _ours(error) and words:
        return words
    if (told := _settings(error)) is not None:
        return told
    if (away := _database(error)) is not None:
        return away
    kind = type(error).__name__
    hint = "Set MAPLEBRIDGE_DEBUG=1 and run it again to see where."
    return f"This should not have happened: {kind}{': ' + words if words else ''}. {hint}"


def _database(error: BaseException) -> str | None:
    """What to do where PostgreSQL does not answer; what it said itself stands in brackets."""
    from services.chassis.postgres import AWAY, caused_by

    away = caused_by(error, AWAY)
    if away is None or isinstance(away, ValueError):  # an address that cannot be read
        return None
    words = " ".join(str(away).split()).rstrip(".") or type(away).__name__
    return f"PostgreSQL does not answer, is full or is busy ({words}): see that it runs, and start this again."


def _settings(error: BaseException) -> str | None:
    """What is wrong with a setting of the environment, without its value, which may be a secret."""
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from contracts.common import told
    from services.chassis.settings import PREFIX

    if isinstance(error, SettingsError):
        return f"A setting cannot be read: {error}; it takes JSON."
    if isinstance(error, ValidationError) and error.title.endswith("Settings"):
        wrong = (f"{PREFIX}{'.'.join(map(str, each['loc'])).upper()}: {told(each)}" for each in error.errors())
        return f"A setting cannot be used. {'; '.join(wrong)}."
    return None


def _ours(error: BaseException) -> bool:
    module = type(error).__module__
    return module.startswith(("services.", "contracts.")) or isinstance(error, OSError)
