"""One port for all: the services mounted at their names, the pages at the root, the contract at /asyncapi.json."""

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence

from fastapi import FastAPI

from services.chassis.service import Service
from services.runtime.contract import contract

Lifespan = Callable[[FastAPI], contextlib.AbstractAsyncContextManager[None]]


def front(services: Sequence[Service], beside: Lifespan) -> FastAPI:
    """An application that answers for all services.

    Args:
        services: mounted at ``/<name>``, their outlets too; their lifespans run with this one's (Starlette leaves that
        to us).
        beside: what else runs while it serves: read models, policies, workers.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            for service in services:
                for inner in (service.app, *service.outlets.values()):
                    await stack.enter_async_context(inner.router.lifespan_context(inner))
            await stack.enter_async_context(beside(app))
            yield

    app = FastAPI(title="Maple Bridge", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(contract())
    for service in services:
        for name, inner in ((service.name, service.app), *service.outlets.items()):
            app.mount(f"/{name}", inner)
    return app
