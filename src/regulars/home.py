"""The home: one folder with the book, the lake, the keys and settings a person can edit."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DEFAULT_HOME: Final = "./regulars-home"


class SettingsProblem(ValueError):
    """A setting that cannot be used: says which, why, and what to write instead."""


@dataclass(frozen=True)
class Settings:
    """What the owner can set in ``regulars.toml``; every field is explained in ``docs/settings.md``."""

    company: str = "My company"
    zone: str = "Asia/Shanghai"
    currency: str = "CNY"
    language: str = "zh-hans"
    margin: float = 0.6
    horizon_days: int = 365
    discount_rate: float = 0.10
    holdout_share: float = 0.05
    holdout_everywhere: float = 0.0
    quiet_from: str = "21:00"
    quiet_to: str = "08:00"
    cap_messages: int = 2
    cap_days: int = 7
    message_cost: int = 5
    weekly_budget: int = 0
    turn_at: str = "07:00"
    report_every: str = "month"
    report_to: str = ""
    alarms_a_week: int = 3
    false_alarms_a_week: float = 0.5
    autopilot: tuple[str, ...] = field(default=())
    autopilot_people: int = 0
    autopilot_money: int = 0
    autopilot_sure: bool = False
    autopilot_modes: int = 0
    autopilot_contracts: int = 0
    base_url: str = "http://127.0.0.1:8321"
    shop_url: str = ""
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_from: str = ""
    smtp_tls: bool = True

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise SettingsProblem(f"zone = {self.zone!r} is not a time zone; write one like Asia/Shanghai") from error
        if not re.fullmatch(r"[A-Z]{3}", self.currency):
            raise SettingsProblem(f"currency = {self.currency!r} is not a currency code; write one like CNY or USD")
        if self.language not in ("zh-hans", "en"):
            raise SettingsProblem(f"language = {self.language!r} is not available; write zh-hans or en")
        for name, low, high in (
            ("margin", 0.0, 1.0), ("discount_rate", 0.0, 10.0), ("holdout_share", 0.0, 0.5),
            ("holdout_everywhere", 0.0, 0.5), ("alarms_a_week", 0, 1000), ("false_alarms_a_week", 0.01, 7.0),
            ("horizon_days", 1, 3650), ("cap_messages", 0, 1000), ("cap_days", 1, 365),
            ("message_cost", 0, 10**9), ("weekly_budget", 0, 10**15), ("smtp_port", 1, 65535),
            ("autopilot_people", 0, 10**9), ("autopilot_money", 0, 10**15),
            ("autopilot_modes", 0, 10**6), ("autopilot_contracts", 0, 10**15),
        ):  # fmt: skip
            if not low <= getattr(self, name) <= high:
                raise SettingsProblem(f"{name} = {getattr(self, name)!r} is out of range; write {low} to {high}")
        for name in ("quiet_from", "quiet_to"):
            if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", getattr(self, name)):
                raise SettingsProblem(f"{name} = {getattr(self, name)!r} is not a time; write one like 21:00")
        if self.turn_at and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", self.turn_at):
            raise SettingsProblem(
                f"turn_at = {self.turn_at!r} is not a time; write one like 07:00, or nothing for never"
            )
        if self.report_every not in ("month", "week", ""):
            raise SettingsProblem(f"report_every = {self.report_every!r} is not a period; write month, week or nothing")
        if self.report_to and not re.fullmatch(r"[^@\s,]+@[^@\s,]+", self.report_to):
            raise SettingsProblem(f"report_to = {self.report_to!r} is not an e-mail address; write one, or nothing")
        for name in ("base_url", "shop_url"):
            value = getattr(self, name)
            if (value or name == "base_url") and not re.fullmatch(r"https?://[^/\s]+(/\S*)?", value):
                raise SettingsProblem(f"{name} = {value!r} is not a web address; write one like https://my.shop")

    @property
    def link(self) -> str:
        """Where a message leads: the shop, or this program's own address when no shop is set."""
        return self.shop_url or self.base_url

    @property
    def tz(self) -> ZoneInfo:
        """The company's time zone."""
        return ZoneInfo(self.zone)

    @classmethod
    def parse(cls, values: dict[str, Any]) -> Settings:
        """Make settings from plain values; raises ``SettingsProblem`` for a name or type that does not fit."""
        known = {f.name: f for f in fields(cls)}
        clean: dict[str, Any] = {}
        for name, value in values.items():
            if name not in known:
                raise SettingsProblem(f"there is no setting {name!r}; see docs/settings.md")
            default = known[name].default if name != "autopilot" else ()
            clean[name] = _typed(name, value, default)
        return cls(**clean)


def _typed(name: str, value: Any, default: Any) -> Any:
    """Take a value as the type of the default, or say what is wrong."""
    if isinstance(default, tuple) and isinstance(value, list | tuple):
        return tuple(str(v) for v in value)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not type(default):
        raise SettingsProblem(f"{name} = {value!r} should be a {type(default).__name__}, like {default!r}")
    return value


class Home:
    """One folder that holds everything of one company.

    Copying it while the program runs is not a backup; ``regulars backup`` is.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.path = Path(path or os.environ.get("REGULARS_HOME") or DEFAULT_HOME).expanduser().resolve()

    @property
    def exists(self) -> bool:
        """Whether the folder has been set up."""
        return self.settings_path.is_file()

    @property
    def settings_path(self) -> Path:
        """Settings a person can read and edit."""
        return self.path / "regulars.toml"

    @property
    def book_path(self) -> Path:
        """The book: what people edit, and whatever a constraint guards."""
        return self.path / "book.sqlite3"

    @property
    def lake_path(self) -> Path:
        """The lake: facts that only accumulate."""
        return self.path / "lake"

    @property
    def keys_path(self) -> Path:
        """Secrets, readable by the owner alone."""
        return self.path / "keys"

    @property
    def backups_path(self) -> Path:
        """Where ``regulars backup`` writes."""
        return self.path / "backups"

    @property
    def logs_path(self) -> Path:
        """Logs, without personal data."""
        return self.path / "logs"

    @property
    def sandbox_path(self) -> Path:
        """Messages that were not sent because no mail server is set."""
        return self.path / "sandbox"

    @property
    def rejects_path(self) -> Path:
        """Rows of imported files that could not be used."""
        return self.path / "rejects"

    @property
    def reports_path(self) -> Path:
        """Reports of past periods."""
        return self.path / "reports"

    @property
    def uploads_path(self) -> Path:
        """Files dropped in the browser, kept until their import is done."""
        return self.path / "uploads"

    @property
    def settings(self) -> Settings:
        """The settings as they stand in the file now."""
        if not self.settings_path.is_file():
            return Settings()
        try:
            values = tomllib.loads(self.settings_path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsProblem(f"{self.settings_path} cannot be read: {error}") from error
        return Settings.parse(values)

    def create(self, **given: Any) -> Settings:
        """Make the folders, the keys and the settings file; what exists stays as it is."""
        for folder in (self.path, self.backups_path, self.logs_path, self.sandbox_path,
                       self.rejects_path, self.uploads_path, self.lake_path):  # fmt: skip
            folder.mkdir(parents=True, exist_ok=True)
        self.keys_path.mkdir(mode=0o700, exist_ok=True)
        if self.exists:
            if given:
                self.change(**given)
            return self.settings
        settings = Settings.parse(given)
        self._write(asdict(settings), comments=True)
        return settings

    def change(self, **given: Any) -> Settings:
        """Change some settings and keep the rest of the file, comments included."""
        import tomlkit

        settings = Settings.parse({**asdict(self.settings), **given})
        document = tomlkit.parse(self.settings_path.read_text("utf-8"))
        for name, value in given.items():
            document[name] = list(value) if isinstance(value, tuple) else value
        self._replace(tomlkit.dumps(document))
        return settings

    def key(self, name: str) -> bytes:
        """A secret of this home, made at first use; 32 random bytes readable by the owner alone."""
        path = self.keys_path / name
        try:
            return path.read_bytes()
        except FileNotFoundError:
            self.keys_path.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = os.urandom(32)
            try:
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:  # another process was first
                return path.read_bytes()
            with os.fdopen(handle, "wb") as file:
                file.write(fresh)
            return fresh

    def _write(self, values: dict[str, Any], *, comments: bool) -> None:
        import tomlkit

        document = tomlkit.document()
        if comments:
            document.add(tomlkit.comment("Settings of this company. Each one is explained in docs/settings.md."))
            document.add(tomlkit.comment("Money is in minor units (fen, cents). Secrets do not belong here."))
        for name, value in values.items():
            document.add(name, list(value) if isinstance(value, tuple) else value)
        self._replace(tomlkit.dumps(document))

    def _replace(self, text: str) -> None:
        draft = self.settings_path.with_suffix(".toml.new")
        draft.write_text(text, "utf-8")
        draft.replace(self.settings_path)
