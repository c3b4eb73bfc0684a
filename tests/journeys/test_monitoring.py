"""Who watches a running service: several processes, one scrape."""

import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.journeys.conftest import METRICS_TOKEN, Service

# of which nothing is asked
COURSE = "course-v1:North+CS103+2027_T1"


def test_a_service_says_how_it_is(shared_service: Service) -> None:
    url = shared_service.url
    live = requests.get(f"{url}/health/live", timeout=30)
    assert (live.status_code, live.json()) == (200, {"status": "live"})
    # a moment after the start the worker has given its first sign of life
    shared_service.wait(lambda: requests.get(f"{url}/health/ready", timeout=30).status_code == 200)
    assert requests.get(f"{url}/metrics", timeout=30).status_code == 401
    assert requests.get(f"{url}/login/?name=sam", timeout=30).status_code == 200
    headers = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    scrape = requests.get(f"{url}/metrics", headers=headers, timeout=60)
    assert scrape.status_code == 200
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(scrape.text)
        for sample in family.samples
    }
    assert samples["matricula_requests_total", "GET", "login/", "200"] >= 1
    assert samples["matricula_request_seconds_count", "GET", "login/"] >= 1
    assert samples["matricula_workers",] >= 1
    assert {value for name, value in samples.items() if name[0] == "matricula_reading_failed"} == {0.0}
    assert "sam" not in scrape.text
    log = shared_service.log.read_text()
    assert METRICS_TOKEN not in log
