"""The contract of the topics, for whoever asks: /asyncapi.json."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from contracts.asyncapi import self_contained
from contracts.catalogue import CATALOGUE
from services.chassis.access import PUBLIC


def contract() -> APIRouter:
    """The route of the AsyncAPI document."""
    router = APIRouter()

    @router.get("/asyncapi.json", dependencies=[PUBLIC], include_in_schema=False)
    def asyncapi() -> JSONResponse:
        """What is on the topics; it holds no data, so everybody may read it."""
        return JSONResponse(self_contained(CATALOGUE))

    return router
