"""The kept report by mail to the owner, through the mail server that sends messages; off while no address is set."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import override

from regulars.act.channels.base import TransportError
from regulars.act.mime import Email
from regulars.web.audit.services import record
from regulars.web.bridge.sending import transport_for

if TYPE_CHECKING:
    from regulars.home import Home

log = logging.getLogger(__name__)


def report_mailed(home: Home, written: Sequence[Path], now: datetime) -> bool:
    """Send the PDF just written in the company's language; False where nothing was to be sent or it could not be.

    A report that could not be mailed is in ``reports/`` all the same: no turn fails for it.
    """
    settings = home.settings
    wanted = [p for p in written if p.name.endswith(f".{settings.language}.pdf")]
    if not wanted or not settings.report_to or not (settings.smtp_host and settings.smtp_from):
        return False
    file = wanted[-1]
    period = file.name.split(".")[0]
    with override(settings.language):
        subject = _("%(company)s: report of %(period)s") % {"company": settings.company, "period": period}
        text = _("The report of %(period)s is attached.") % {"period": period}
    message = Email(
        key=f"report:{file.name}:{now.isoformat()}", from_address=settings.smtp_from, to_address=settings.report_to,
        subject=subject, text=text, html=f"<p>{escape(text)}</p>", date=now, from_name=settings.company,
        files=((file.name, "application/pdf", file.read_bytes()),),
    )  # fmt: skip
    transport, _sandbox = transport_for(home)
    try:
        transport.send(message)
    except TransportError as error:
        log.warning("the report could not be mailed: %s", error)
        record("program", "report_not_mailed", period)
        return False
    finally:
        transport.close()
    record("program", "report_mailed", period)
    return True
