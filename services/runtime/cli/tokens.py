"""``maplebridge token``."""

from typing import Annotated

import typer

from services.runtime.cli.common import Data

ROLES = (
    "officer, supervisor, dispatcher, mediator, auxiliary, patrol, property-manager, operator, partner, resident, "
    "analyst, integrator, data-platform, overseer, administrator"
)


def token(
    role: Annotated[str, typer.Option("--role", help=f"One of {ROLES}.")],
    place: Annotated[
        list[str] | None, typer.Option("--place", help="Place path that the token reaches; may be given several times.")
    ] = None,
    org: Annotated[str | None, typer.Option("--org", help="Organisation that it acts for.")] = None,
    subject: Annotated[str | None, typer.Option("--subject", help="The person's own subject id.")] = None,
    actor: Annotated[str | None, typer.Option("--id", help="Who it is; default: dev-<role>.")] = None,
    hours: Annotated[float, typer.Option("--hours", min=0.01, max=8760, help="How long it is valid.")] = 12,
    data: Data = None,
) -> None:
    """Prints a bearer token of the folder's development issuer.

    It is for trying things on an embedded instance; elsewhere tokens come from your OIDC issuer.

    Examples:

      maplebridge token --role officer --place yinchuan/jinfeng

      maplebridge token --role integrator --place yinchuan --data /some/folder

      curl -H "Authorization: Bearer $(maplebridge token --role officer --place yinchuan)" \\
        http://127.0.0.1:8080/registry/buildings
    """
    from datetime import timedelta

    from contracts.common import Role
    from services.chassis.access import Issuer, PlaceMalformed, Principal, parse_place
    from services.runtime.folder import DataFolder

    if role not in set(Role) - {Role.SYSTEM}:
        raise typer.BadParameter(f"{role!r} is no role; there are {ROLES}.", param_hint="--role")
    try:
        places = tuple(parse_place(each) for each in place or ())
    except PlaceMalformed as error:
        raise typer.BadParameter(str(error), param_hint="--place") from None
    principal = Principal(Role(role), actor or f"dev-{role}", places, org, subject)
    folder = DataFolder.open(data)
    typer.echo(Issuer(folder.issuer_key()).issue(principal, timedelta(hours=hours)))
    if folder.running() is None:
        typer.echo(
            f"No instance runs in {folder.path}; one that runs in another folder (--data) refuses this.", err=True
        )
