"""Makes the peer's tables and people, enrolls them one save for each row, and prints the rate and a token as JSON.

Run by compare.py in the peer's own environment: ``python -m peers.enroll ROWS LISTED``. Making the people is not timed.
"""

import json
import os
import sys
import time

import django

BATCH = 1000


def main(rows: int, listed: int) -> None:
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import connection, transaction
    from rest_framework.authtoken.models import Token

    from peers.models import Course
    from peers.views import EnrollmentSerializer

    call_command("migrate", run_syncdb=True, verbosity=0)
    staff = User.objects.create(username="staff", is_staff=True)
    names = [f"student{number}" for number in range(rows)]
    users = User.objects.bulk_create(User(username=name, email=f"{name}@example.org") for name in names)
    course, small = Course.objects.create(key="measured"), Course.objects.create(key="listed")

    def enroll(course: Course, users: list[User]) -> None:
        for start in range(0, len(users), BATCH):
            with transaction.atomic():
                for user in users[start : start + BATCH]:
                    row = EnrollmentSerializer(data={"course": course.pk, "user": user.pk, "mode": "audit"})
                    row.is_valid(raise_exception=True)
                    row.save()

    started = time.perf_counter()
    enroll(course, users)
    seconds = time.perf_counter() - started
    enroll(small, users[:listed])
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    json.dump({"rate": rows / seconds, "token": Token.objects.create(user=staff).key}, sys.stdout)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peers.settings")
    django.setup()
    main(int(sys.argv[1]), int(sys.argv[2]))
