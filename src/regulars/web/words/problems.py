"""What is wrong with a file and what to do, in the language of the page."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from regulars.web.words.labels import LABELS, label


class Said(NamedTuple):
    """A problem in words: what is wrong, where, what to do."""

    what: str
    where: str
    remedy: str


PROBLEMS: dict[str, tuple[Any, Any]] = {
    "file_empty": (_("The file is empty."), _("Export it again and check that it opens in a spreadsheet.")),
    "no_rows": (_("The file has a header but no row."), _("Check that the export was not filtered to nothing.")),
    "file_gone": (_("The file is no longer here."), _("Upload it again.")),
    "file_missing": (_("The file cannot be opened."), _("Upload it again.")),
    "file_broken": (_("The file is broken or locked."),
                    _("Open it in a spreadsheet, take off the password, save it again and upload that.")),
    "file_too_large": (_("The file is larger than %(megabytes)s MB."), _("Split it, or export a shorter period.")),
    "not_a_table": (_("This is a %(format)s file, not a table."), _("Export the table as CSV or Excel.")),
    "not_text": (_("This is neither text nor a spreadsheet."), _("Export the table as CSV or Excel.")),
    "encoding_unknown": (_("There is no encoding called %(encoding)s."), _("Choose UTF-8, GB18030 or Windows-1252.")),
    "sheet_missing": (_("The workbook has no sheet called %(sheet)s."), _("Choose another sheet, or none.")),
    "zip_unclear": (_("The zip holds %(tables)s tables, not one."), _("Unzip it and upload the files one by one.")),
    "zip_locked": (_("The zip has a password."), _("Unzip it and upload the file inside.")),
    "kind_unknown": (_("There is no such kind of table."), _("Choose one from the list.")),
    "kind_unclear": (_("The columns do not tell what the table is about."),
                     _("Choose what it is below; then say what each column holds.")),
    "column_missing": (_("A column chosen before is not in this file."), _("Let the program choose again.")),
    "field_unknown": (_("A field chosen before does not exist."), _("Let the program choose again.")),
    "map_unreadable": (_("The saved choices cannot be read."), _("Let the program choose again.")),
    "stopped": (_("The import was stopped before its end."),
                _("What was stored stays. Import again: it goes on and stores nothing twice.")),
    "trial_stopped": (_("The trial run was stopped."), _("Nothing was stored. Start it again when you like.")),
    "broken_off": (_("The import could not be finished: %(text)s"),
                   _("Start it again; nothing is stored twice. If it breaks off again, look into the folder logs.")),
    "no_file": (_("No file was chosen."), _("Choose a file, or drop one on this page.")),
}  # fmt: skip


def problem_words(problem: dict[str, Any] | None) -> Said | None:
    """A stored or raised problem in words; one without words keeps its own text."""
    if not problem:
        return None
    known = PROBLEMS.get(problem.get("code", ""))
    if known is None:
        return Said(problem.get("what", ""), problem.get("where", ""), problem.get("remedy", ""))
    values: dict[str, str] = defaultdict(lambda: "?", problem.get("values") or {})
    return Said(str(known[0]) % values, problem.get("where", ""), str(known[1]) % values)


def kinds() -> list[tuple[str, str]]:
    """Every kind of table with its word."""
    return [(k, label("kind", k)) for k in LABELS["kind"]]
