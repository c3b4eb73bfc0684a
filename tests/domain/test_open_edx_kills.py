"""A process that pushes is killed: afterwards the LMS agrees with the record, and no one got a call too many."""

from collections import Counter

from matricula.models import LmsRow
from tests.conftest import make_world, write
from tests.lms.connected import KEY, Connected
from tests.lms.served import served_lms
from tests.processes import running, wait_for

PEOPLE = [f"p{number}@example.org" for number in range(90)]


def test_a_killed_process_loses_nothing_and_sends_nothing_twice(own_database: None) -> None:
    world = make_world()
    with served_lms() as lms:
        lms.load(runs=[{"key": KEY}], faults=[{"call": "POST /api/enrollment", "delay": 0.05}])
        connected = Connected(url=lms.url)
        write(world.course, "enroll", *PEOPLE, auto_enroll=True)
        for killed in range(2):
            with running("lms", "push", "lms") as process:
                wait_for(lambda: len(lms.calls()) > 20 * (killed + 1))  # noqa: B023  asked at once
                process.kill()
                process.wait()
        assert LmsRow.objects.filter(state="waiting").exists()
        with running("lms", "push", "lms") as process:
            assert process.wait(90) == 0
        invited = {i["email"] for i in lms.state()["invitations"]}
        sent = Counter(c["body"]["email"] for c in lms.calls() if c["method"] == "POST" and c["status"] == 201)
    assert invited == set(PEOPLE) and {*connected.states().values()} == {"confirmed"}
    # one whose answer the killed process didn't hear is deleted and sent again; at most what it had in hand
    assert sum(count - 1 for count in sent.values()) <= 2 * 6 * 16
