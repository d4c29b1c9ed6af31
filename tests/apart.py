"""What fixtures that start servers share."""

import asyncio
import importlib.util
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def docker_answers() -> bool:
    """Whether a Docker daemon is there; asked once, briefly."""
    if importlib.util.find_spec("docker") is None:
        return False
    import docker

    try:
        client = docker.from_env(timeout=2)
    except docker.errors.DockerException:
        return False
    client.close()
    return True


def in_own_loop(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run to its end in another thread, so that the loops of the tests are left alone."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()
