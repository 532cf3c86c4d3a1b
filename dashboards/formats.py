"""Dates, numbers and durations as readers of each interface language write them."""

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from dashboards.catalogue import Language

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NONE = "–"


def zone_of(name: str | None) -> tzinfo:
    """The time zone of a name such as Europe/Berlin; UTC where there is none of that name."""
    try:
        return ZoneInfo(name) if name else UTC
    except (KeyError, ValueError, OSError):  # no name of a zone, or of one that is not on this machine
        return UTC


class Formats:
    """How values are written in one language, and times in one zone."""

    def __init__(self, language: Language, zone: tzinfo = UTC) -> None:
        self.language, self.zone = language, zone

    def number(self, value: float | None, digits: int = 0) -> str:
        """12345.6 -> 12,346 (both languages group by thousands)."""
        return NONE if value is None else f"{value:,.{digits}f}"

    def percent(self, share: float | None, digits: int = 0) -> str:
        """0.25 -> 25%."""
        return NONE if share is None else f"{100 * share:.{digits}f}%"

    def change(self, difference: float | None, digits: int = 0, unit: str = "") -> str:
        """-0.5 -> −0.5, 3 -> +3; a plain 0 where it rounds to none."""
        if difference is None:
            return NONE
        text = f"{abs(difference):,.{digits}f}"
        sign = "" if float(text.replace(",", "")) == 0 else "+" if difference > 0 else "−"
        return f"{sign}{text}{unit}"

    def day(self, value: date | None) -> str:
        """5 Mar 2026; 2026年3月5日."""
        if value is None:
            return NONE
        if self.language == "zh":
            return f"{value.year}年{value.month}月{value.day}日"
        return f"{value.day} {MONTHS[value.month - 1]} {value.year}"

    def short_day(self, value: date | None) -> str:
        """5 Mar; 3月5日."""
        if value is None:
            return NONE
        if self.language == "zh":
            return f"{value.month}月{value.day}日"
        return f"{value.day} {MONTHS[value.month - 1]}"

    def near_day(self, value: date) -> str:
        """The day, without its year where that is this year."""
        return self.short_day(value) if value.year == date.today().year else self.day(value)

    def time(self, value: datetime | None) -> str:
        """5 Mar 2026, 14:05 CET, by the reader's zone."""
        if value is None:
            return NONE
        local, between = value.astimezone(self.zone), " " if self.language == "zh" else ", "
        return f"{self.day(local)}{between}{local:%H:%M %Z}"

    def near_time(self, value: datetime) -> tuple[str, str]:
        """The day, without its year where that is this year, and the time of day, by the reader's zone."""
        local = value.astimezone(self.zone)
        return self.near_day(local.date()), f"{local:%H:%M}"

    def clock(self, seconds: float | None) -> str:
        """75 -> 1:15; 3675 -> 1:01:15: a place in a call."""
        if seconds is None:
            return NONE
        total = int(seconds)
        hours, minutes, rest = total // 3600, total // 60 % 60, total % 60
        return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

    def seconds(self, value: float | None) -> str:
        """3.25 -> 3.3 s; 3.3 秒."""
        if value is None:
            return NONE
        return f"{value:.1f} 秒" if self.language == "zh" else f"{value:.1f} s"
