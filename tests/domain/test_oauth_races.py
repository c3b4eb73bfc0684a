"""Codes and refresh tokens that are used twice at once: one use counts, and the other one ends all."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import World, make_world
from tests.domain.races import together
from tests.wire.test_oauth import code_for, exchange, make_app, refresh, works


@pytest.fixture
def world(own_database: None) -> World:
    world = make_world()
    make_app(world)
    return world


@pytest.mark.parametrize("what", ["code", "refresh token"])
def test_of_two_uses_at_once_one_counts_and_its_tokens_end(what: str, world: World) -> None:
    code = code_for(world.instructor)
    use: Callable[[], Any] = lambda: exchange(code)  # noqa: E731
    if what == "refresh token":
        token = exchange(code).json()["refresh_token"]
        use = lambda: refresh(token)  # noqa: E731
    answers = together(use, use)
    assert sorted(answer.status_code for answer in answers) == [200, 400]
    [good] = [answer.json() for answer in answers if answer.status_code == 200]
    assert not works(good["access_token"])
    assert refresh(good["refresh_token"]).status_code == 400
