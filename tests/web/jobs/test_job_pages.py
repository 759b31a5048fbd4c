"""A job can be started, watched in words, left, stopped, and has a way on."""

from __future__ import annotations

import pytest

from regulars.web.jobs.models import Job
from regulars.web.jobs.services import job_claim, job_run, job_start


def get(client, address, language="zh-hans", **headers):
    client.cookies["regulars_language"] = language
    return client.get(address, headers=headers)


def test_turning_starts_one_job_however_often_it_is_pressed(owner, home):
    first = owner.post("/jobs/turn/")
    again = owner.post("/jobs/turn/")
    assert first.status_code == 302
    assert first.url == again.url
    assert Job.objects.filter(name="wheel_turn").count() == 1


def test_a_running_job_says_its_stage_and_asks_again(owner, home):
    job = job_start("wheel_turn")
    Job.objects.filter(uid=job.uid).update(state="running", stage="measure", progress=0.42)
    page = get(owner, f"/jobs/{job.uid}/", **{"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 1s"' in page
    assert 'value="42"' in page
    assert "measuring what it earned" in get(owner, f"/jobs/{job.uid}/", "en").content.decode()
    assert "measure" not in page.replace("measured", "")


@pytest.mark.parametrize(
    ("name", "url"),
    [("wheel_turn", "/decide/plan/"), ("messages_send", "/act/messages/"), ("file_import", "/collect/imports/abc/")],
)
def test_a_finished_job_leads_on_and_asks_no_more(owner, home, name, url):
    job = job_start(name, {"run": "abc"})
    Job.objects.filter(uid=job.uid).update(state="done", progress=1.0, result={"counts": {"sent": 3}, "scores": 9})
    page = get(owner, f"/jobs/{job.uid}/").content.decode()
    assert f'href="{url}"' in page
    assert "every 1s" not in page
    reloaded = get(owner, f"/jobs/{job.uid}/?reload=1", **{"HX-Request": "true"})
    assert reloaded.headers["HX-Refresh"] == "true"


def test_a_failed_job_says_why_and_what_to_do(owner, home):
    job = job_start("messages_send")
    Job.objects.filter(uid=job.uid).update(state="failed", problem="disk full")
    page = get(owner, f"/jobs/{job.uid}/", "en").content.decode()
    assert "Nothing is done twice" in page
    assert "disk full" in page


def test_stop_holds_at_the_next_step(owner, home):
    job = job_start("backup_make")
    claimed = job_claim()
    owner.post(f"/jobs/{job.uid}/cancel/")
    job_run(claimed)
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_strangers_and_unknown_jobs(client, owner, home):
    assert owner.get("/jobs/nothing/").status_code == 404
    assert owner.get("/jobs/turn/").status_code == 405
    client.logout()
    assert client.post("/jobs/turn/").url.startswith("/login/")


def test_watching_costs_a_fixed_number_of_queries(owner, home, django_assert_max_num_queries):
    job = job_start("wheel_turn")
    # session, user, the job
    with django_assert_max_num_queries(3):
        get(owner, f"/jobs/{job.uid}/", **{"HX-Request": "true"})
