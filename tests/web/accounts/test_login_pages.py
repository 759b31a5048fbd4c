"""The door: a link logs in only when its button is pressed; both languages work before logging in."""

from __future__ import annotations

import pytest

from regulars.web.accounts.services import login_link_make, login_link_valid, owner_ensure

pytestmark = pytest.mark.django_db


def test_opening_a_link_does_not_spend_it(client):
    token = login_link_make(owner_ensure())
    for _ in range(3):
        assert client.get(f"/login/{token}/").status_code == 200
    client.head(f"/login/{token}/")
    assert login_link_valid(token)
    assert client.get("/").status_code == 302


def test_its_button_logs_in_once(client):
    token = login_link_make(owner_ensure())
    answer = client.post(f"/login/{token}/")
    assert answer["Location"] == "/"
    assert "_auth_user_id" in client.session
    client.logout()
    assert client.post(f"/login/{token}/")["Location"] == "/login/"
    assert client.get(f"/login/{token}/").status_code == 410


def test_a_password_logs_in(client, settings):
    owner = owner_ensure()
    owner.set_password("correct horse")
    owner.save()
    wrong = client.post("/login/", {"username": "owner", "password": "wrong"})
    assert wrong.status_code == 200
    assert client.post("/login/", {"username": "owner", "password": "correct horse"})["Location"] == "/"


def test_the_language_can_be_chosen_before_logging_in(client):
    client.post("/language/", {"language": "zh-hans", "next": "/login/"})
    assert "密码" in client.get("/login/").content.decode()
    client.post("/language/", {"language": "en", "next": "/login/"})
    assert "Password" in client.get("/login/").content.decode()


def test_nobody_is_sent_elsewhere(client):
    assert client.post("/language/", {"language": "en", "next": "https://evil.example/"})["Location"] == "/"
    owner = owner_ensure()
    owner.set_password("correct horse")
    owner.save()
    answer = client.post("/login/", {"username": "owner", "password": "correct horse", "next": "https://evil.example/"})
    assert answer["Location"] == "/"


@pytest.mark.parametrize(("language", "word"), [("en", "This page does not exist"), ("zh-hans", "没有这个页面")])
def test_a_missing_page_says_so(client, language, word):
    client.cookies["regulars_language"] = language
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert word in answer.content.decode()


def test_no_page_runs_a_script_of_its_own(client):
    answer = client.get("/login/")
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe-eval" not in answer["Content-Security-Policy"]


def test_a_stale_form_says_what_to_do():
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.cookies["regulars_language"] = "en"
    answer = strict.post("/login/", {"username": "owner", "password": "x"})
    assert answer.status_code == 403
    assert "This form was open too long" in answer.content.decode()
