"""Jobs: one at a time, watched, cancelled, and given back when their worker dies."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from regulars.web.jobs import services
from regulars.web.jobs.models import Job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def done(monkeypatch):
    calls = []
    monkeypatch.setattr(services, "_WORK", {})

    @services.job("count")
    def count(argument, progress):
        progress("counting", 0.5)
        calls.append(argument)
        return {"counted": len(calls)}

    @services.job("fail")
    def fail(argument, progress):
        raise ValueError("the file is empty")

    return calls


def test_a_job_runs_and_keeps_its_result(done):
    job = services.job_start("count", {"to": 3})
    services.job_run(services.job_claim())
    job.refresh_from_db()
    assert (job.state, job.result, job.progress) == ("done", {"counted": 1}, 1.0)


def test_the_same_wish_twice_is_one_job(done):
    assert services.job_start("count", {"to": 3}).uid == services.job_start("count", {"to": 3}).uid
    assert services.job_start("count", {"to": 4}).uid != services.job_start("count", {"to": 3}).uid


def test_a_job_is_claimed_once(done):
    services.job_start("count")
    assert services.job_claim() is not None
    assert services.job_claim() is None


def test_a_failure_is_told_in_words(done):
    job = services.job_start("fail")
    services.job_run(services.job_claim())
    job.refresh_from_db()
    assert (job.state, job.problem) == ("failed", "the file is empty")


def test_a_dead_workers_job_goes_back_to_the_line_but_not_for_ever(done):
    job = services.job_start("count")
    for attempt in range(services.MAX_ATTEMPTS):
        claimed = services.job_claim()
        assert claimed.attempts == attempt + 1
        Job.objects.filter(uid=job.uid).update(lease_until=timezone.now() - timedelta(seconds=1))
        services.jobs_release()
    job.refresh_from_db()
    assert job.state == "failed"
    assert done == []


def test_a_cancelled_job_stops_at_its_next_step(done):
    job = services.job_start("count")
    claimed = services.job_claim()
    assert services.job_cancel(job.uid)
    services.job_run(claimed)
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert done == []
