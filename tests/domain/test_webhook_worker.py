"""The worker sends webhooks beside its tasks: no receiver holds up another one, and nothing is lost with a process."""

from django.utils import timezone

from matricula.feed.webhooks.rights import Filter
from matricula.feed.webhooks.writes import create_webhook
from matricula.journal.writes import new_operation
from matricula.models import Delivery
from tests.conftest import make_world
from tests.processes import wait_for, worker
from tests.webhooks import receiver


def test_a_slow_receiver_holds_up_no_other_and_a_killed_worker_loses_nothing(own_database: None) -> None:
    world = make_world()
    with receiver() as made:

        def hook(path: str) -> str:
            operation = new_operation(None, "api")
            return str(create_webhook(operation, world.instructor.pk, made.url + path, Filter())[0])

        def seen(path: str) -> list[str]:
            return [one.id for one in made.seen if one.path == path]

        slow = hook("/slow")
        hook("/good")
        with worker(MATRICULA_WEBHOOK_PRIVATE_ADDRESSES="true") as first:
            world.enroll("sam")
            wait_for(lambda: seen("/slow") and seen("/good"))
            # another one comes while the first receiver still says nothing
            world.enroll("staff")
            wait_for(lambda: len(seen("/good")) == 2)
            assert len(seen("/slow")) == 1
            first.kill()
            first.wait()
        # the receiver has it, and we don't know: it is sent again once the claim of the dead worker has ended
        assert Delivery.objects.get(webhook=slow).tries == []
        made.let_go.set()
        Delivery.objects.filter(webhook=slow).update(claimed_until=timezone.now())
        with worker(MATRICULA_WEBHOOK_PRIVATE_ADDRESSES="true"):
            wait_for(lambda: Delivery.objects.filter(webhook=slow, state="delivered").count() == 2)
    first_id, again, second = seen("/slow")
    assert first_id == again != second
    received = [change for one in made.seen if one.path == "/slow" for change in one.change_ids]
    assert received[0] == received[1] and len(set(received)) == 2
    assert len(seen("/good")) == 2
