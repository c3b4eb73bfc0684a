"""Every screen of the console in every state, for the tests that look at all of them."""

import io
import uuid
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django.utils.timezone import now

from matricula.access.clients.writes import create_client
from matricula.access.statuses import Scope
from matricula.batches.planning import make_undo
from matricula.disclosures.writes import Recipient
from matricula.feed.webhooks.rights import Filter
from matricula.feed.webhooks.writes import create_webhook
from matricula.history.snapshots.writes import make_snapshot
from matricula.jobs.reads import get_job
from matricula.jobs.writes import fail_job
from matricula.journal.operations import find_operation
from matricula.journal.statuses import CONSOLE
from matricula.journal.writes import new_operation
from matricula.models import (
    Account,
    Client,
    Delivery,
    Group,
    Membership,
    OutgoingMail,
    PendingMember,
    Plan,
    PreEnrollment,
    ProgramEnrollment,
    RoleGrant,
    Webhook,
)
from matricula.worker.tasks import carry_out
from tests.batches import apply_check, start_enrollment_task, start_roster_check, start_upload_check
from tests.canceled_jobs import cancel
from tests.conftest import KEY, OTHER_KEY, make_account, write
from tests.domain.program_jobs import enroll, link
from tests.university import OWN, University, facts

_EXCEEDED = [
    {"name": "removals", "limit": {"percent": 20, "rows": 10}, "value": {"percent": 50, "rows": 60}, "exceeded": True}
]
COURSE, EMPTY = f"/courses/{KEY}/", f"/courses/{OTHER_KEY}/"


@dataclass(frozen=True)
class Screen:
    """An address, who looks at it (None: nobody is signed in), and the status that answers."""

    address: str
    account: Account | None
    status: int = 200


def app_screens(university: University) -> dict[str, Screen]:
    """What a person sees whom an app asks to act for them."""
    to = "https://grades.example.org/callback"
    create_client(
        new_operation(None, CONSOLE),
        "grades",
        "Grade Book",
        university.root.pk,
        [Scope.READ, Scope.WRITE],
        redirects=[to],
    )
    asked = {"response_type": "code", "client_id": "grades", "redirect_uri": to, "code_challenge": "x" * 43}
    query = urlencode({**asked, "code_challenge_method": "S256"})
    learner = university.world.learner
    return {
        "app": Screen(f"/oauth2/authorize/?{query}", learner),
        "app, rejected": Screen("/oauth2/authorize/?client_id=unknown", learner, 400),
        "app, shown": Screen(f"/access/clients/{Client.objects.get(client_id='grades').pk}/", university.root),
    }


def make_jobs(university: University) -> dict[str, uuid.UUID]:
    """A job of the superuser in each state."""
    world, actor = university.world, university.root.pk

    def task(*who: str) -> uuid.UUID:
        return start_enrollment_task(world.course, who, actor_id=actor)

    jobs = {name: task("sam", "nobody") for name in ("waiting", "partly", "failed", "canceled")}
    carry_out(get_job(jobs["partly"]))
    fail_job(
        jobs["failed"],
        (
            "This task failed because of an internal error. Changes made before the failure were "
            "kept. Give your administrator the task ID."
        ),
    )
    cancel(jobs["canceled"])
    return jobs


def make_plans(university: University) -> dict[str, Screen]:
    """Plans of the instructor: ready, held, left without changes, applied; and what takes one back."""
    world, root, other = university.world, university.root, university.world.staff

    def check(*who: str) -> uuid.UUID:
        return start_roster_check(world.course, *who, actor_id=world.instructor.pk)

    ready, nothing, held = check("staff", "nobody", "new@example.com", "sam"), check("p000"), check("staff", "p001")
    Plan.objects.filter(pk=held).update(is_held=True, limits=_EXCEEDED)
    done = apply_check(get_job(check("elsewhere")), source="console", reason="a late place")
    operation = find_operation(done)
    assert operation is not None
    undo = make_undo(operation, None, reason="x", name="Undo", actor_id=root.pk, source=CONSOLE)
    return {
        "plans": Screen("/plans/", root),
        "plans, nothing found": Screen("/plans/?about=nothing", root),
        "plan, ready": Screen(f"/plans/{ready}/", world.instructor),
        "plan, rejected rows": Screen(f"/plans/{ready}/?outcome=refused", world.instructor),
        "plan, nothing to apply": Screen(f"/plans/{nothing}/", world.instructor),
        "plan, held, its maker": Screen(f"/plans/{held}/", world.instructor),
        "plan, held, an approver": Screen(f"/plans/{held}/", other),
        "home, something to approve": Screen("/", other),
        "operations": Screen("/operations/", world.instructor),
        "operation": Screen(f"/operations/{done}/", world.instructor),
        "plan, undo": Screen(f"/plans/{undo}/", world.instructor),
    }


def make_students(university: University) -> dict[str, Screen]:
    """Two students of the program, one of them changed by a file of which a row was rejected."""
    root = university.root
    enroll("s-1", "s-2")
    link("s-1", university.world.learner)
    file = io.BytesIO(b"student_key,status\ns-1,suspended\ns-3,nonsense\n")
    check = start_upload_check(file, facts(), actor_id=root.pk, file="students.csv")
    done = apply_check(get_job(check), source="console", reason="as sent")
    program = f"/programs/{OWN}/"
    return {
        "program": Screen(program, root),
        "program, nobody fits": Screen(f"{program}?q=zzz&status=ended", root),
        "program history": Screen(f"{program}history/", root),
        "student": Screen(f"{program}students/{ProgramEnrollment.objects.get(student_key='s-1').pk}/", root),
        "why, a student": Screen(f"{program}students/{ProgramEnrollment.objects.get(student_key='s-1').pk}/why/", root),
        "upload": Screen(f"{program}upload/", root),
        "plan, file": Screen(f"/plans/{check}/", root),
        "operation, file": Screen(f"/operations/{done}/", root),
        "undo": Screen(f"/operations/{done}/undo/", root),
        "job, file": Screen(f"/jobs/{done}/", root),
    }


def people_screens(university: University) -> dict[str, Screen]:
    """The page of a person: a student with an account, a learner, a student key alone, and an invited address."""
    root, learner, instructor = university.root, university.world.learner, university.world.instructor
    key = ProgramEnrollment.objects.get(student_key="s-2").pk
    invitation = PreEnrollment.objects.filter(account=None).latest("pk")
    return {
        "one person": Screen(f"/people/{learner.pk}/", root),
        "one person, their history": Screen(f"/people/{learner.pk}/history/", root),
        "one person, to an instructor": Screen(f"/people/{Account.objects.get(username='p001').pk}/", instructor),
        "one person, a student key": Screen(f"/people/students/{key}/", root),
        "one person, invited": Screen(f"/people/invitations/{invitation.pk}/", root),
    }


def past_screens(university: University) -> dict[str, Screen]:
    """What was, of the course and the program, as it is now."""
    world, root = university.world, university.root
    moment = quote(now().isoformat())
    world.unenroll("p003", reason="moved away")
    recipient = Recipient(CONSOLE, (operation := new_operation(root.pk, CONSOLE)).id, root.pk)
    kept = make_snapshot(operation, course_id=world.course.id, name="Census", recipient=recipient)
    return {
        "course as of": Screen(f"{COURSE}as-of/?as_of={moment}", world.instructor),
        "course as of, no date": Screen(f"{COURSE}as-of/?as_of=soon", world.instructor, 400),
        "program as of": Screen(f"/programs/{OWN}/as-of/?as_of={moment}", root),
        "course comparison": Screen(f"{COURSE}comparison/?from={moment}", world.instructor),
        "snapshot": Screen(f"/snapshots/{kept}/", world.instructor),
        "snapshots": Screen("/snapshots/", root),
    }


def access_screens(root: Account) -> dict[str, Screen]:
    """The screens of who may do what, with a group and a client to look at."""
    group = Group.objects.create(name="team")
    grant = RoleGrant.objects.create(role="read_reports", group=group)
    Membership.objects.create(group=group, account=root)
    PendingMember.objects.create(group=group, email="new@example.com")
    client = Client.objects.create(user=root, client_id="script", scopes=["read"])
    addresses = {
        **{f"access, {kind}": f"?show={kind}" for kind in ("course-role", "feature", "groups", "clients")},
        "access, nothing found": "?q=zzz",
        **{f"grant a {kind}": f"grant/{kind}/" for kind in ("role", "course-role", "feature")},
        "withdraw": f"withdraw/role/{grant.pk}/",
        "access of a person": f"people/{root.pk}/",
        "new group": "groups/new/",
        "group": f"groups/{group.pk}/",
        "group, somebody joins": f"groups/{group.pk}/add/",
        "group, deleted": f"groups/{group.pk}/delete/",
        "new client": "clients/new/",
        "client": f"clients/{client.pk}/",
        "client, deleted": f"clients/{client.pk}/delete/",
        "what someone can do": f"people/{root.pk}/can/",
        "what someone can do, a no": f"people/{root.pk}/can/?action=grant-course-staff&on={OWN}",
        "what someone can do, offered": f"people/{root.pk}/can/?action=see-students&on=n",
        "what a client can do": f"clients/{client.pk}/can/",
    }
    return {name: Screen(f"/access/{address}", root) for name, address in addresses.items()}


def mail_screens(university: University) -> dict[str, Screen]:
    """The screens of outgoing mail: one that was sent, and one that failed."""
    world = university.world
    world.enroll("staff", "instructor", email=True, reason="As agreed with the dean")
    sent, failed = OutgoingMail.objects.order_by("-pk")[:2]
    OutgoingMail.objects.filter(pk=sent.pk).update(sent=now(), due=None)
    OutgoingMail.objects.filter(pk=failed.pk).update(due=None, attempts=10, last_error="ConnectionRefusedError: no")
    return {
        "mails": Screen("/mail/", university.root),
        "mails, of an operation": Screen(f"/mail/?operation={sent.operation}", world.instructor),
        "mails, nothing found": Screen("/mail/?about=nothing", world.instructor),
        "mail": Screen(f"/mail/{sent.pk}/", world.instructor),
        "mail, failed": Screen(f"/mail/{failed.pk}/", university.root),
        "mail, recalled": Screen(f"/mail/recall/?mail={failed.pk}", university.root),
        "mail, again": Screen(f"/mail/again/?mail={sent.pk}&mail={failed.pk}", university.root),
    }


def webhook_screens(university: University) -> dict[str, Screen]:
    """The screens of webhooks: one that fails, and one that was switched off for it."""
    operation, owner = new_operation(None, "console"), university.world.instructor
    ids = [
        create_webhook(operation, owner.pk, f"https://hooks.example.org/{n}", Filter(university.world.course.id))[0]
        for n in range(2)
    ]
    tries = [{"at": now().isoformat(), "status": status, "error": "status", "milliseconds": 9} for status in (500, 503)]
    Webhook.objects.filter(pk=ids[0]).update(failing_since=now())
    Webhook.objects.filter(pk=ids[1]).update(off_since=now(), off_reason="failing")
    for webhook_id in ids:
        Delivery.objects.create(
            id=uuid.uuid4(), webhook_id=webhook_id, kind="changes", state="waiting", created=now(), due=now(),
            changes=3, tries=tries,
        )  # fmt: skip
    return {
        "webhooks": Screen("/webhooks/", owner),
        "webhook, new": Screen("/webhooks/new/", owner),
        "webhook, failing": Screen(f"/webhooks/{ids[0]}/", owner),
        "webhook, off": Screen(f"/webhooks/{ids[1]}/", owner),
    }


def own_screens(university: University) -> dict[str, Screen]:
    """What a learner sees: someone with enrollments, an invitation and a program, and someone with nothing."""
    learner, course = university.world.learner, university.world.other
    write(course, "enroll", learner.username)
    write(course, "unenroll", learner.username)
    PreEnrollment.objects.create(course_id=university.extra.pk, email=learner.email, auto_enroll=False, created=now())
    return {
        "home of a learner": Screen("/", learner),
        "home of a learner, empty": Screen("/", make_account("lee")),
        "my courses": Screen("/my/", university.root),
        "my history": Screen("/my/history/", learner),
    }


def all_screens(university: University) -> dict[str, Screen]:
    """The screens by name."""
    world, root = university.world, university.root
    jobs = make_jobs(university)
    return {
        "welcome": Screen("/", None),
        "login": Screen("/login/", None),
        "sign-up": Screen("/signup/", None),
        "password reset": Screen("/account/password/reset/", None),
        "logout": Screen("/logout/", root),
        "home": Screen("/", root),
        "search": Screen("/search/?q=p01", root),
        "search, programs": Screen("/search/?q=e", root),
        "search, nothing": Screen("/search/?q=zzz", root),
        "people": Screen("/people/", root),
        "programs": Screen("/programs/", root),
        "programs, nothing found": Screen("/programs/?q=zzz", root),
        "courses": Screen("/courses/", world.instructor),
        "course": Screen(COURSE, world.instructor),
        "course, empty": Screen(EMPTY, root),
        "course, nobody fits": Screen(f"{COURSE}?q=zzz", root),
        "course, invited": Screen(f"{COURSE}?state=invited", root),
        "course, last page": Screen(f"{COURSE}?state=all&page=3", root),
        "course history": Screen(f"{COURSE}history/", root),
        "why, asked": Screen(f"{COURSE}why/", root),
        "why, a person": Screen(f"{COURSE}people/{Account.objects.get(username='p001').pk}/why/", root),
        "why, anywhere": Screen("/why/", root),
        "person": Screen(f"{COURSE}people/{Account.objects.get(username='p001').pk}/", root),
        "enroll": Screen(f"{COURSE}enroll/", root),
        "unenroll": Screen(f"{COURSE}enroll/?action=unenroll", root),
        "jobs": Screen("/jobs/?of=all", root),
        "jobs, empty": Screen("/jobs/", world.learner),
        **{f"job, {name}": Screen(f"/jobs/{job}/", root) for name, job in jobs.items()},
        **make_plans(university),
        **make_students(university),
        **people_screens(university),
        **past_screens(university),
        "access": Screen("/access/", root),
        **access_screens(root),
        **own_screens(university),
        **webhook_screens(university),
        **mail_screens(university),
        "account": Screen("/account/", world.learner),
        "account, with a client": Screen("/account/", root),
        **app_screens(university),
        "own client": Screen("/account/clients/new/", world.learner),
        "e-mail address": Screen("/account/email/", world.learner),
        "password": Screen("/account/password/change/", world.learner),
        "forbidden": Screen(COURSE, world.learner, 403),
        "not there": Screen("/no-such-page/", root, 404),
    }
