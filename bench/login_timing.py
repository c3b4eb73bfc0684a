"""Whether the time of a wrong login, or of a wrong client secret, tells if there is such an account or client.

Runs in one process on an embedded PostgreSQL of its own, one kind after the other in turns, and prints the medians and
the quartiles in milliseconds: wall time, and this process's CPU time, which a busy machine does not disturb.

    python bench/login_timing.py [ROUNDS]
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from matricula.embedded.postgres import embedded_postgres


def measure(rounds: int) -> None:
    """Prints one line for each kind."""
    from django.test import Client as HttpClient

    from matricula.models import FailureCount

    browser = HttpClient()

    def login(name: str) -> Callable[[], object]:
        return lambda: browser.post("/login/", {"login": name, "password": "wrong"})

    def token(client_id: str) -> Callable[[], object]:
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": "wrong"}
        return lambda: browser.post("/oauth2/token/", form)

    kinds = {
        "login: account, by e-mail": login("known@example.org"),
        "login: no account, by e-mail": login("other@example.org"),
        "login: account, by username": login("known"),
        "login: no account, by username": login("other"),
        "login: inactive account": login("inactive@example.org"),
        "login: account without a password": login("nopassword@example.org"),
        "token: client": token("known"),
        "token: no client": token("other"),
    }
    times: dict[str, list[tuple[float, float]]] = {kind: [] for kind in kinds}
    for number in range(rounds + 1):
        for kind, attempt in kinds.items():
            FailureCount.objects.all().delete()
            wall, cpu = time.perf_counter(), time.process_time()
            attempt()
            if number:  # the first round loads what is loaded once
                times[kind].append((time.perf_counter() - wall, time.process_time() - cpu))
    for kind, taken in times.items():
        walls, cpus = ([1000 * one[at] for one in taken] for at in (0, 1))
        low, middle, high = statistics.quantiles(walls, n=4)
        print(f"{kind:36} wall {middle:7.1f} ({low:.1f} to {high:.1f})   CPU {statistics.median(cpus):7.1f}")


def prepare() -> None:
    """Makes the tables, three accounts and a client."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from django.conf import settings

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    from matricula.identity.accounts import save_accounts
    from matricula.journal.writes import new_operation
    from matricula.learners.writes import AccountRequest
    from matricula.models import Account, Client

    request = AccountRequest
    save_accounts(
        new_operation(None, "command"),
        [
            request("known", "known@example.org", password="a-password-of-somebody"),
            request("inactive", "inactive@example.org", password="a-password-of-somebody", is_active=False),
            request("nopassword", "nopassword@example.org"),
        ],
    )
    Client.objects.create(
        client_id="known",
        client_secret="a-long-random-secret-of-a-client",
        client_type="confidential",
        authorization_grant_type="client-credentials",
        user=Account.objects.get(username="known"),
        scopes=["read"],
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, embedded_postgres(Path(folder)) as urls:
        os.environ |= {
            "DATABASE_URL": urls.owner,
            "MATRICULA_DATA": folder,
            "DJANGO_SETTINGS_MODULE": "matricula.settings",
        }
        prepare()
        measure(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
