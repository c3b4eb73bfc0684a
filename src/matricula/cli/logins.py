"""``matricula logins``: what an operator does for people who can't log in."""

from typing import Annotated

import typer

from matricula.cli.group import group
from matricula.cli.service import Data, database, fail

app = group("Help people who can't log in.")

Username = Annotated[str, typer.Argument(help="Who it is.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Why, for the audit log.", show_default=False)]


@app.command("unlink")
def unlink_login(
    username: Username,
    provider: Annotated[str, typer.Argument(help="The name of the identity provider.")],
    data: Data = None,
    reason: Reason = None,
) -> None:
    """Unlink an account from a login at an identity provider. The next login with its email address links it again."""
    with database(data):
        from matricula.identity.providers.writes import unlink
        from matricula.journal.statuses import COMMAND
        from matricula.journal.writes import new_operation

        if not unlink(new_operation(None, COMMAND, reason), _account_id(username), provider):
            raise fail(f"{username} has no login at {provider}.", 1)
        typer.echo(f"Unlinked {username} from {provider}, and ended the account's sessions.")


@app.command("reset-second-factor")
def reset_second_factor(username: Username, data: Data = None, reason: Reason = None) -> None:
    """Remove the second factors of someone who has lost them, and end the sessions."""
    with database(data):
        from matricula.identity.second_factors import remove_second_factors
        from matricula.journal.statuses import COMMAND
        from matricula.journal.writes import new_operation

        if not remove_second_factors(new_operation(None, COMMAND, reason), _account_id(username)):
            raise fail(f"{username} has no second factor.", 1)
        typer.echo(f"Removed the second factors of {username}, and ended the account's sessions.")


def _account_id(username: str) -> int:
    from matricula.foundation.folding import fold
    from matricula.learners.reads import account_ids_by_username

    found = account_ids_by_username([fold(username)])
    if not found:
        raise fail(f"there is no account {username}.", 1)
    return found[fold(username)]
