"""How long a connection may hold and wait for locks, so that a frozen process can't hold up the others for good.

They are set on each new connection and not in its start-up packet, which pgbouncer would reject.
"""

from django.conf import settings

COMMAND_IDLE_SECONDS = 900
"""Commands compute for long within a transaction: an import of 5,000 accounts hashes as many passwords."""

_process = {"patient": False}


def be_patient() -> None:
    """Let the connections of this process, a command that someone started, wait for locks as long as it takes."""
    _process["patient"] = True


def limits() -> dict[str, str]:
    """Return PostgreSQL's settings for connections of this process."""
    environment = settings.ENVIRONMENT
    if _process["patient"]:
        return {"idle_in_transaction_session_timeout": f"{COMMAND_IDLE_SECONDS}s", "lock_timeout": "0"}
    return {
        "idle_in_transaction_session_timeout": f"{environment.idle_transaction_seconds}s",
        "lock_timeout": f"{environment.lock_seconds}s",
    }


def limits_statement() -> str:
    """Return the statement that puts the limits into force; it has no parameters, so that it takes one message."""
    return "select " + ", ".join(f"set_config('{name}', '{value}', false)" for name, value in limits().items())
