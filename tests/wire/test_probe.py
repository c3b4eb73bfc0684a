import pytest
from tests.conftest import BASE, KEY, Api, PASSWORD
from django.test import Client as HttpClient

def show(name, r):
    print("PROBE", name, r.status_code, r.headers.get("Content-Type"), (b"".join(r.streaming_content) if r.streaming else r.content)[:300])

def test_a(world, api, settings):
    api("POST", "enrollments", {"identifiers": ["sam"]})
    show("nul identifier", api.post("enrollments", {"identifiers": ["a\x00b"]}))
    show("nul identifiers", api.post("enrollments", {"identifiers": ["a\x00b", "c\x01@x.org"]}))
    show("ctl identifier", api.post("enrollments", {"identifiers": ["a\x07b@example.org"]}))
    show("surrogate", api.post("enrollments", b'{"identifiers": ["a\\ud800"]}'))
    show("surrogate reason", api.post("enrollments", b'{"identifiers": ["sam"], "reason": "\\udfff"}'))
    show("nan", api.post("enrollments", b'{"identifiers": ["sam"], "x": NaN}'))
    show("huge int", api.post("enrollments", b'{"identifiers": ["sam"], "x": ' + b"9"*5000 + b"}"))
    show("1e999", api.post("enrollments", b'{"identifiers": ["sam"], "x": 1e999}'))
    show("deep", api.post("enrollments", b"["*100000))
    show("deep2", api.post("enrollments", b'{"x":' * 100000 + b"1" + b"}"*100000))
    show("utf8", api.post("enrollments", b'{"identifiers": ["\xff"]}'))
    show("empty", api.post("enrollments", b""))
    show("bom", api.post("enrollments", b'\xef\xbb\xbf{"identifiers": ["sam"]}'))
    show("many fields", api.get("enrollments?" + "a=1&"*1001))
    for cs in ("base64", "idna", "undefined", "utf-16", "punycode", "nonsense", "rot13", "utf-7", "unicode_escape"):
        show("charset " + cs, api("GET", "enrollments?search=%41%ff%5c", b"", content_type=f"text/plain; charset={cs}"))
    show("cookie nul", Api(None, **{"Cookie": 'sessionid="\\000aaaaaaaaaaaaaaaaaaaaaaaaaa"'}).get("enrollments"))
    show("cookie", Api(None, **{"Cookie": 'sessionid=\xff\xffaaaaaaaaaaaaaaaaaaaaaaaaaa'}).get("enrollments"))
    show("host", api.get("enrollments", Host="evil.example"))
    show("host post", api.post("enrollments", {"identifiers": ["x1@example.org", "x2@example.org"]}, Host="evil.example"))
    from matricula.models import Job
    print("PROBE jobs", Job.objects.count())
    show("surrogate path", api.get("enrollments/%ED%A0%80"))
    show("badutf8 path", api.get("enrollments/%ff"))
    show("nul path", api.get("enrollments/%00"))
    show("slash", api.get("enrollments/a%2Fb"))
    show("slash2", api.get("enrollments/a%2Fenrollments"))
    show("key", api.get(f"{BASE}/course-v1:A+B%00+C/enrollments"))
    show("search nul", api.get("enrollments?search=%00"))
    show("mode nul", api.get("enrollments?mode=%00"))
    show("page big", api.get("enrollments?page=999999999999999"))
    show("empty bool", api.get("enrollments?is_active="))
    show("sig", api.get("tasks/00000000-0000-0000-0000-000000000000/results?signature=%00"))
    show("sig", api.get("tasks/00000000-0000-0000-0000-000000000000/results?signature=a:b:c"))
    show("meth", api("GE T", "enrollments"))
    show("meth", api("É", "enrollments"))
    show("lang", api.get("enrollments?page=0", **{"Accept-Language": "es\x00;q=zz," * 300}))
    r = api.post("enrollments", {"identifiers": ["x1@example.org", "x2@example.org"]})
    show("202", r)
    tid = r.json()["task_id"]
    from matricula.jobs.reads import find_job
    from matricula.jobs.writes import complete_job
    from matricula.enrollments.tasks import work_enrollment_chunk
    import uuid
    job = find_job(uuid.UUID(tid))
    while work_enrollment_chunk(job): pass
    complete_job(job.id)
    r = api.get(f"tasks/{tid}")
    show("task", r)
    url = r.json()["result"]["results_url"]
    sig = url.split("signature=")[1]
    show("results", api.get(url))
    show("results csv", api.get(url+"&format=csv"))
    show("results nul", api.get(f"{BASE}/x%00y/tasks/{tid}/results?signature={sig}"))
    show("results key", api.get(f"{BASE}/xy/tasks/{tid}/results?signature={sig}"))
    show("task urn", api.get(f"tasks/urn:uuid:{tid}"))
    show("head", api("HEAD", "enrollments"))
    show("head results", api("HEAD", url))
    # session
    http = HttpClient(enforce_csrf_checks=True)
    http.force_login(world.instructor, backend="allauth.account.auth_backends.AuthenticationBackend")
    http.get("/login/")
    from django.middleware.csrf import _get_new_csrf_string
    http.cookies["csrftoken"] = _get_new_csrf_string()
    u = f"{BASE}/{KEY}/enrollments"
    for ct in ("multipart/form-data", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded; charset=latin1", "application/x-www-form-urlencoded"):
        show("session " + ct, http.generic("POST", u, b"a=1", content_type=ct))
    show("session many", http.generic("POST", u, b"a=1&"*1100, content_type="application/x-www-form-urlencoded"))
    show("session big", http.generic("POST", u, b"a"*(17*1024*1024), content_type="application/x-www-form-urlencoded"))
    show("session big json", http.generic("POST", u, b"a"*(17*1024*1024), content_type="application/json"))
    http.cookies["csrftoken"] = "\xff"
    show("session bad csrf", http.generic("POST", u, b"{}", content_type="application/json", headers={"X-CSRFToken": "\xe9"}))
    show("unauth get /api/", http.get("/api/"))
    show("unauth get /api", http.get("/api"))
    import time
    from matricula.catalog.course_keys import is_course_key
    for n in (1000, 10000, 20000):
        t = time.perf_counter(); is_course_key("course-v1:" + "a+"*n + "/"); print("PROBE regex", n, time.perf_counter()-t)
    from matricula.rest.dispatch import _find_address
    for p in ("/api/enrollment/v2/courses/" + "/enrollments/"*4000+"\n", "/api/enrollment/v2/courses/" + "/tasks/x"*8000):
        t = time.perf_counter()
        try: _find_address(p)
        except Exception as e: pass
        print("PROBE addr", time.perf_counter()-t)
