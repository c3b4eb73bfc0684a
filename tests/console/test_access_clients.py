"""API clients in the console: made, their secret shown once, their tokens ended."""

from typing import Any

import pytest
from django.test import Client as HttpClient

from matricula.models import (
    Client,
)
from tests.conftest import BASE, KEY
from tests.console.access import CLIENT, ask, last, secret_on, told
from tests.console.conftest import Reader, words_of
from tests.university import University


def test_a_client_is_made_its_secret_is_shown_once_and_works(operator: Reader, university: University) -> None:
    page = operator.post("/access/clients/new/", 200, **CLIENT)
    secret = secret_on(page)
    owner = Client.objects.get(client_id="grades").user_id
    state = {"client_id": "grades", "scopes": ["read"], "name": "grades", "account_id": owner}
    assert told(last()) == ("client", "created", {}, state, "nightly grades", "console")
    assert (last().account_id, last().actor_id) == (university.world.instructor.pk, university.root.pk)
    token = ask("grades", secret).json()
    assert token["scope"] == "read"
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    assert HttpClient().get(f"{BASE}/{KEY}/enrollments", headers=bearer).status_code == 200
    assert ask("grades", secret, scope="write").status_code == 400
    client = Client.objects.get(client_id="grades")
    for place in (f"/access/clients/{client.pk}/", f"/access/clients/{client.pk}/delete/", "/access/?show=clients"):
        shown = operator.get(place)
        assert "grades" in shown
        assert secret not in shown
        assert client.client_secret not in shown


@pytest.mark.parametrize(
    "wrong",
    [{"reason": ""}, {"who": "nobody"}, {"scopes": []}, {"scopes": ["admin"]}, {"client_id": "a:b"}, {"client_id": ""}],
)
def test_a_client_that_is_refused_is_not_made(wrong: dict[str, Any], operator: Reader) -> None:
    operator.post("/access/clients/new/", 400, **{**CLIENT, **wrong})
    assert not Client.objects.exists()


def test_a_client_id_is_taken_once_and_the_first_secret_stays_good(operator: Reader) -> None:
    secret = secret_on(operator.post("/access/clients/new/", 200, **CLIENT))
    page = operator.post("/access/clients/new/", 400, **CLIENT)
    assert 'id="secret"' not in page
    assert ask("grades", secret).status_code == 200


def test_a_client_loses_its_tokens_or_is_deleted(operator: Reader, university: University) -> None:
    secret = secret_on(operator.post("/access/clients/new/", 200, **CLIENT))
    client = Client.objects.get()

    def status(token: str) -> int:
        address = f"{BASE}/{KEY}/enrollments"
        return HttpClient().get(address, headers={"Authorization": f"Bearer {token}"}).status_code

    delete = f"/access/clients/{client.pk}/delete/"
    first = ask("grades", secret).json()["access_token"]
    assert "1 access token stops working at once." in words_of(operator.get(delete))
    operator.post(delete, 400, only="tokens")
    assert status(first) == 200
    operator.post(delete, only="tokens", reason="leaked")
    state = {"client_id": "grades", "scopes": ["read"], "name": "grades", "account_id": client.user_id}
    before, after = {**state, "tokens": 1}, {**state, "tokens": 0}
    assert told(last()) == ("client", "tokens ended", before, after, "leaked", "console")
    assert status(first) == 401
    second = ask("grades", secret).json()["access_token"]
    assert status(second) == 200
    operator.post(delete, reason="no longer needed")
    assert told(last())[:2] == ("client", "deleted")
    assert status(second) == 401
    assert ask("grades", secret).status_code == 401
