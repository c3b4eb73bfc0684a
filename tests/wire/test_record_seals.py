"""GET /seals and /seals/latest (record-api: Evidence)."""

import pytest

from matricula.rest.contracts.record.urls import BASE
from tests.conftest import Api
from tests.wire.answers import refused
from tests.wire.test_record_permissions import make_seal

LATEST, SEALS = f"{BASE}/seals/latest", f"{BASE}/seals"


def test_before_the_first_seal(api: Api) -> None:
    refused(api.get(LATEST), 404)
    assert api.get(SEALS).json() == {"results": [], "cursor": None}


def test_seals_are_followed_from_the_one_that_one_has(api: Api) -> None:
    ids = [make_seal(day).pk for day in (1, 2, 3, 4)]
    latest = api.get(LATEST).json()
    assert latest == {
        "seal_id": ids[3],
        "at": "2026-11-04T00:00:00Z",
        "first_change_id": 4,
        "last_change_id": 4,
        "changes": 1,
        "digest": "00" * 32,
    }

    def seen(query: str) -> list[int]:
        found, cursor = [], ""
        while True:
            page = api.get(f"{SEALS}?page_size=2{query}{cursor}").json()
            found += [seal["seal_id"] for seal in page["results"]]
            if page["cursor"] is None:
                return found
            cursor = f"&cursor={page['cursor']}"

    assert seen("") == ids
    assert seen(f"&since={ids[1]}") == ids[2:]
    assert seen("&since=2026-11-02T00:00:00Z") == ids[1:]
    assert seen("&since=2026-11-02T02:00:00%2B01:00") == ids[2:]
    assert seen(f"&since={'9' * 30}") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=yesterday", "since"),
        ("since=2026-11-02T00:00:00", "since"),
        ("since=-1", "since"),
        ("cursor=x", "cursor"),
        ("page_size=0", "page_size"),
        ("page_size=1001", "page_size"),
    ],
)
def test_nonsense_is_named(query: str, field: str, api: Api) -> None:
    refused(api.get(f"{SEALS}?{query}"), 400, field)
