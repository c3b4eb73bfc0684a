"""A process that pushes is killed: afterwards the LMS agrees with the record, and no one got a call too many."""

from collections import Counter

from matricula.connectors.open_edx.pushing import LANES, push
from matricula.identity.accounts import save_accounts
from matricula.journal.writes import new_operation
from matricula.learners.writes import AccountRequest
from matricula.models import LmsRow
from tests.conftest import make_world
from tests.lms.connected import KEY, Connected
from tests.lms.served import served_lms
from tests.processes import running, wait_for

PEOPLE = [f"p{number}" for number in range(120)]
_POST = "POST /api/enrollment"


def test_a_killed_process_loses_nothing_and_sends_nothing_twice(own_database: None) -> None:
    world = make_world()
    people = [AccountRequest(username=name, email=f"{name}@example.org", is_active=True) for name in PEOPLE]
    save_accounts(new_operation(None, "command"), people)
    with served_lms() as lms:
        users = [{"username": name, "email": f"{name}@example.org"} for name in PEOPLE]
        # the first are answered; each thread of the process then waits for an answer that doesn't come
        answered, unheard = {"call": _POST, "times": 20}, {"call": _POST, "delay": 20}
        lms.load(runs=[{"key": KEY}], users=users, faults=[answered, unheard])
        connected = Connected(url=lms.url)
        world.enroll(*PEOPLE, mode="honor")
        with running("lms", "push", "lms") as process:
            wait_for(lambda: sum("user" in (call["body"] or {}) for call in lms.calls()) == 20 + LANES)
            process.kill()
            process.wait()
        assert LmsRow.objects.filter(state="waiting", is_claimed=True).exists()
        lms.load(faults=[])
        wait_for(lambda: not push(connected.connection).is_busy and {*connected.states().values()} == {"confirmed"})
        enrolled = {e["user"] for e in lms.state()["enrollments"] if e["mode"] == "honor" and e["is_active"]}
        sent = Counter(c["body"]["user"] for c in lms.calls() if "user" in (c["body"] or {}))
    assert enrolled == set(PEOPLE)
    # also those whose answer the killed process didn't hear: the LMS is read before anything is sent again
    assert sent == dict.fromkeys(PEOPLE, 1)
