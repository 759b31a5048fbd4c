"""The history of imports as a list."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regulars.web.imports.models import ImportRun
from regulars.web.lists import Column, Empty, Filter, List, choices_of

SHOWN = ("uploaded", "checked", "running", "done", "failed")

RUNS = List(
    name="imports",
    sort="-created",
    columns=(
        Column("file", _("File"), "file_name", sort="file_name", first="+"),
        Column("state", _("State"), "stands", "badge", label="import"),
        Column("kind", _("Kind"), "kind", label="kind"),
        Column("read", _("Rows read"), "counts.read", "number"),
        Column("new", _("New"), "counts.created", "number"),
        Column("changed", _("Changed"), "counts.updated", "number"),
        Column("same", _("Unchanged"), "counts.unchanged", "number"),
        Column("aside", _("Set aside"), "counts.set_aside", "number"),
        Column("source", _("Source"), "source", shown=False),
        Column("created", _("Uploaded"), "created_at", "ago", sort="created_at"),
    ),
    filters=(
        Filter("state", _("State"), choices_of(SHOWN, "import"), lambda rows, v: rows.filter(stands=v)),
        Filter("kind", _("Kind"), choices_of(("orders", "order_lines", "people", "spend", "events", "feedback",
               "subscriptions", "deals"), "kind"), lambda rows, v: rows.filter(kind=v)),
    ),
    find=lambda rows, text: rows.filter(file_name__icontains=text),
    empty=Empty(_("Files you bring in stand here, with what each of them changed."), "", "", "file-import"),
    row_url=lambda run: reverse("imports:run", args=[run.uid]) if isinstance(run, ImportRun) else "",
)  # fmt: skip
