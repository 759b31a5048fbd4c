"""Who is who: found by what is theirs alone, never by name; nothing blanked, no no turned into a yes."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from regulars.collect import collect
from regulars.web.bridge.people import consented
from regulars.web.bridge.resolve import people_resolve
from regulars.web.consents.models import Consent
from regulars.web.consents.services import consent_set
from regulars.web.people.models import Company, Identity, Person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 5, 4, tzinfo=UTC)
HEADER = ("客户编号", "姓名", "邮箱", "手机号", "公司", "城市", "生命周期阶段", "渠道", "标签", "同意营销")


def resolve(*rows, source="shop", header=HEADER, now=NOW):
    """Bring people in as an import does."""
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    got = collect(text.getvalue().encode(), now=now, as_kind="people", source_name=source, name=f"{source}.csv")
    return people_resolve(got.people, source, now)


def li(number="1", name="李梅", mail="li@shop.cn", phone="13900001111", company="", city="", stage="", channel="",
       tags="", consent=""):  # fmt: skip
    return (number, name, mail, phone, company, city, stage, channel, tags, consent)


def counts(found):
    return found.created, found.updated, found.unchanged


def test_the_same_person_again_is_the_same_person():
    first, again = resolve(li()), resolve(li())
    assert (counts(first), counts(again)) == ((1, 0, 0), (0, 0, 1))
    assert first.customers.equals(again.customers)


@pytest.mark.parametrize("known", [{"number": ""}, {"number": "", "mail": ""}, {"number": "", "phone": ""}])
def test_found_by_any_identity_of_their_own(known):
    key = resolve(li()).customers[0].as_py()
    assert resolve(li(**known), source="other").customers[0].as_py() == key


def test_never_joined_by_name():
    resolve(li())
    found = resolve(
        li(number="", mail="", phone="", name="李梅"), li(number="", mail="li.mei@else.cn", phone=""), source="b"
    )
    assert found.created == 2
    assert Person.objects.filter(name="李梅").count() == 3


def test_an_external_id_means_something_within_its_source_only():
    resolve(li(number="77", mail="", phone=""))
    found = resolve(li(number="77", mail="", phone="", name="王小明"), source="forum")
    assert found.created == 1
    assert set(Identity.objects.values_list("value", flat=True)) == {"shop:77", "forum:77"}


def test_two_external_ids_with_one_address_are_two_people_to_look_at():
    resolve(li(number="1"))
    found = resolve(li(number="2", name="李四", phone="", city="上海"))
    assert counts(found) == (1, 0, 0)
    assert found.conflicts == 1
    assert dict(Person.objects.values_list("name", "city")) == {"李梅": "", "李四": "上海"}
    assert Person.objects.filter(email="li@shop.cn").count() == 2  # nobody lost what they gave
    assert Identity.objects.get(kind="email").person.name == "李梅"
    again = resolve(li(number="1"), li(number="2", name="李四", phone="", city="上海"))
    assert (counts(again), again.conflicts) == ((0, 0, 2), 1)


def test_the_two_in_one_file_are_to_look_at_too():
    rows = (li(number="1"), li(number="2", name="李四", phone=""))
    first = resolve(*rows)
    assert (counts(first), first.conflicts) == ((2, 0, 0), 1)
    again = resolve(*rows)
    assert (counts(again), again.conflicts) == ((0, 0, 2), 1)


def test_identities_of_two_people_join_nobody():
    resolve(li(number="", phone=""), li(number="", mail="", name="王小明"))
    found = resolve(li(number="", name="是谁"), source="b")
    assert (found.created, found.conflicts) == (1, 1)
    assert Person.objects.count() == 3


def test_an_empty_cell_blanks_nothing_and_a_filled_one_corrects():
    resolve(li(company="灯塔茶", city="上海", channel="小红书", tags="vip"))
    resolve(("1", "", "", "", "", "北京", "", "抖音", "回头客", ""))
    person = Person.objects.get()
    assert (person.name, person.email, person.phone, person.city) == ("李梅", "li@shop.cn", "+8613900001111", "北京")
    assert person.company.name == "灯塔茶"
    assert person.channel == "小红书"  # where somebody came from first stays first
    assert person.tags == ["vip", "回头客"]


def test_a_company_is_one_however_it_is_spelled():
    resolve(
        li(company="Lantern Tea Ltd"), li(number="2", mail="w@shop.cn", phone="", company="ＬＡＮＴＥＲＮ  tea ltd")
    )
    assert Company.objects.count() == 1
    assert Company.objects.get().people.count() == 2


def test_a_file_of_leads_does_not_turn_a_customer_back():
    resolve(li(stage="customer"))
    resolve(li(stage="lead"))
    assert Person.objects.get().stage == "customer"
    resolve(li(stage="evangelist"))
    assert Person.objects.get().stage == "evangelist"


def test_a_shared_mailbox_joins_nobody():
    found = resolve(
        li(number="", mail="info@shop.cn", phone=""), li(number="", name="王小明", mail="info@shop.cn", phone="")
    )
    again = resolve(li(number="", name="陈静", mail="info@shop.cn", phone="13900002222"), source="b")
    assert again.created == 1
    assert found.created + again.created == Person.objects.count()
    assert not Identity.objects.filter(value="info@shop.cn").exists()


def test_who_unsubscribed_is_not_written_to_again_because_of_a_file():
    key = resolve(li(consent="是")).customers[0].as_py()
    assert key in consented("email")
    consent_set(key, "email", "denied", basis="unsubscribe", source="link", at=NOW + timedelta(days=1), by="recipient")
    resolve(li(consent="是"), now=NOW + timedelta(days=2))
    assert key not in consented("email")
    consent_set(key, "email", "granted", basis="opt_in", source="form", at=NOW + timedelta(days=3), by="recipient")
    assert key in consented("email")


def test_consent_changes_are_kept_and_said_once():
    for consent in ("是", "是", "", "否", "否"):
        resolve(li(consent=consent))
    assert list(Consent.objects.order_by("id").values_list("state", flat=True)) == ["granted", "denied"]
    # The moment is the moment of the import, to the second, in whatever zone the company lives.
    assert set(Consent.objects.values_list("at", flat=True)) == {NOW}
    assert Person.objects.get().created_at == NOW


def test_silence_is_no_consent():
    key = resolve(li()).customers[0].as_py()
    assert key not in consented("email")
    assert not Consent.objects.exists()
