"""Roles: four of them, as code everybody can read, and what each may do."""

from __future__ import annotations

from typing import Final

OWNER: Final = "owner"
MANAGER: Final = "manager"
AGENT: Final = "agent"
VIEWER: Final = "viewer"
ROLES: Final = (OWNER, MANAGER, AGENT, VIEWER)

_VIEWER: Final = frozenset({"people_view", "kpis_view", "plans_view", "deals_view", "tickets_view", "messages_view"})
_AGENT: Final = _VIEWER | {
    "people_contact_view", "people_edit", "notes_edit", "tasks_edit", "deals_edit", "tickets_reply", "imports_run",
    "consent_record",
}  # fmt: skip
_MANAGER: Final = _AGENT | {
    "segments_edit", "campaigns_edit", "journeys_edit", "templates_edit", "loyalty_adjust", "partners_edit",
    "people_merge", "sources_edit", "plans_propose", "messages_resend", "export_run",
}  # fmt: skip
_OWNER: Final = _MANAGER | {
    "plans_approve", "autopilot_set", "settings_edit", "users_edit", "people_erase", "audit_view", "backup_run",
    "keys_rotate", "retention_edit", "api_keys_edit",
}  # fmt: skip

PERMISSIONS: Final[dict[str, frozenset[str]]] = {OWNER: _OWNER, MANAGER: _MANAGER, AGENT: _AGENT, VIEWER: _VIEWER}
ALL: Final = tuple(sorted(_OWNER))


def may(role: str | None, permission: str) -> bool:
    """True when the role has the permission; nobody without a known role may do anything.

    Raises ``KeyError`` for a permission that does not exist: a typing error in the code
    must not look like a refusal, let alone like a grant.

    >>> may("agent", "people_edit"), may("agent", "plans_approve"), may(None, "people_view")
    (True, False, False)
    """
    if permission not in _OWNER:
        raise KeyError(f"there is no permission {permission!r}")
    return permission in PERMISSIONS.get(role or "", frozenset())


def role_for(permission: str) -> str:
    """The humblest role that has the permission, to say whom to ask.

    >>> role_for("plans_approve"), role_for("people_view")
    ('owner', 'viewer')
    """
    return next(role for role in reversed(ROLES) if may(role, permission))
