"""Which identities say who a person is, and when two rows are the same person."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping

_BLOCKED: Final = re.compile(
    r"0+|1+|9+|-+|\d|null|none|nan|n/?a|na|unknown|anonymous|anonym|guest|test|tester|demo|admin|root|user|customer|undefined|true|false|"
    r"未知|匿名|匿名用户|游客|散客|无|测试|默认|\[object object\]"
)
_BLOCKED_EMAIL: Final = re.compile(
    r"(?:test|tests|testing|none|noemail|no-?email|no-?reply|noreply|null|na|n/a|anonymous|unknown)@.*|"
    r".*@(?:test\.(?:com|cn|org)|example\.invalid|invalid|localhost|noemail\.com|none\.com|mailinator\.com)"
)
_SHARED_EMAIL: Final = re.compile(r"(?:info|sales|office|admin|support|contact|hello|team|mail|service|kf|kefu)@.*")


def is_blocked(kind: str, value: str) -> bool:
    """Whether a value stands for nobody, so that it must never join people.

    A single digit is a fair customer number, so external ids block zeros and
    words only.

    >>> is_blocked("external_id", "0000"), is_blocked("external_id", "4"), is_blocked("email", "test@shop.com")
    (True, False, True)
    """
    v = value.strip().casefold()
    if not v:
        return True
    if kind == "email":
        return bool(_BLOCKED_EMAIL.fullmatch(v))
    if kind == "phone":
        digits = re.sub(r"\D", "", v.split(";")[0])
        return len(digits) < 5 or len(set(digits[-8:])) == 1
    if kind == "external_id" and v.isdigit():
        return set(v) == {"0"}
    return bool(_BLOCKED.fullmatch(v))


@dataclass(frozen=True)
class Identity:
    """One way to recognise a person: its kind, its normalised value, and how far it may be trusted.

    ``own`` values join people by themselves; ``shared`` ones (``info@``) never do.
    """

    kind: str
    value: str
    strength: str


# Strongest first; an external id only means something within its source.
KINDS: Final = ("external_id", "wechat_id", "email", "phone")


def identities_of(person: Mapping[str, object]) -> list[Identity]:
    """The identities of one row of ``people``, strongest first; blocked values are left out.

    >>> found = identities_of({"external_id": "7", "email": "Ada@X.org", "phone": None, "other_emails": ["info@x.org"]})
    >>> [(i.kind, i.value, i.strength) for i in found]
    [('external_id', '7', 'own'), ('email', 'ada@x.org', 'own'), ('email', 'info@x.org', 'shared')]
    """
    out = []
    for kind in KINDS:
        values = [person.get(kind), *(person.get(f"other_{kind}s") or ())]  # type: ignore[misc]
        for value in values:
            if isinstance(value, str) and (tidy := normalise(kind, value)) and not is_blocked(kind, tidy):
                shared = kind == "email" and _SHARED_EMAIL.fullmatch(tidy)
                out.append(Identity(kind, tidy, "shared" if shared else "own"))
    return out


def normalise(kind: str, value: str) -> str:
    """The one spelling of an identity: NFKC, trimmed, lower case except for ids.

    >>> normalise("email", " Ada@X.ORG "), normalise("external_id", " AbC ")
    ('ada@x.org', 'AbC')
    """
    t = unicodedata.normalize("NFKC", value).strip()
    return t.casefold() if kind in ("email", "phone") else t


@dataclass(frozen=True)
class Matched:
    """Who is already known: a customer key per person (null: new), and what a person should look at.

    ``conflicts`` has one row per doubtful case: the person's row, the reason, the
    kind and value in question and the customers it points to.
    """

    customer: pa.Array
    conflicts: pa.Table


CONFLICTS: Final = pa.schema(
    [
        ("person", pa.int32()),
        ("reason", pa.string()),
        ("kind", pa.string()),
        ("value", pa.string()),
        ("customers", pa.list_(pa.string())),
    ]
)


def match(people: pa.Table, known: pa.Table) -> Matched:
    """Match the people of a file to known customers by exact identities, never by name.

    ``known`` has the columns kind, value, customer; the external ids in it are
    those of the file's own source. A person takes the customer of its strongest
    identity. It is a conflict, for a person to decide, and no merge, when

    - the identities point to different customers (``points_to_several``: the
      strongest wins if it is an external id, else nobody);
    - an e-mail or phone points to a customer who has another external id in this
      source (``other_external_id``): two people, one shared address;
    - a value belongs to several customers (``shared_value``).

    >>> known = pa.table({"kind": ["email"], "value": ["a@b.org"], "customer": ["c1"]})
    >>> match(pa.table({"email": ["A@b.org", "x@b.org"]}), known).customer.to_pylist()
    ['c1', None]
    """
    index: dict[tuple[str, str], list[str]] = {}
    has_external: dict[str, set[str]] = {}
    for kind, value, customer in zip(*(known[c].to_pylist() for c in ("kind", "value", "customer")), strict=True):
        owners = index.setdefault((kind, normalise(kind, value)), [])
        if customer not in owners:
            owners.append(customer)
        if kind == "external_id":
            has_external.setdefault(customer, set()).add(value)
    columns = [c for c in (*KINDS, "other_emails", "other_phones") if c in people.column_names]
    customers: list[str | None] = []
    doubts: list[tuple[int, str, str, str, list[str]]] = []
    for i, row in enumerate(people.select(columns).to_pylist()):
        customer, found = _decide(i, row, index, has_external)
        customers.append(customer)
        doubts.extend(found)
    table = pa.table([pa.array([d[c] for d in doubts], f.type) for c, f in enumerate(CONFLICTS)], schema=CONFLICTS)
    return Matched(pa.array(customers, pa.string()), table)


def _decide(
    i: int, row: dict[str, object], index: dict[tuple[str, str], list[str]], has_external: dict[str, set[str]]
) -> tuple[str | None, list[tuple[int, str, str, str, list[str]]]]:
    own = row.get("external_id")
    chosen: str | None = None
    by_external = False
    doubts = []
    for identity in identities_of(row):
        owners = index.get((identity.kind, identity.value), [])
        if not owners or identity.strength == "shared":
            continue
        if len(owners) > 1:
            doubts.append((i, "shared_value", identity.kind, identity.value, owners))
            continue
        owner = owners[0]
        if (
            identity.kind != "external_id"
            and own is not None
            and has_external.get(owner, set()) - {str(own)}
            and owner != chosen
        ):
            doubts.append((i, "other_external_id", identity.kind, identity.value, owners))
        elif chosen is None:
            chosen, by_external = owner, identity.kind == "external_id"
        elif owner != chosen:
            doubts.append((i, "points_to_several", identity.kind, identity.value, [chosen, owner]))
            if not by_external:
                return None, doubts
    return chosen, doubts
