"""Dates, numbers and durations as readers of each interface language write them."""

from datetime import date, datetime

from dashboards.catalogue import Language

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NONE = "–"


class Formats:
    """How values are written in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language

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
        """5 Mar 2026, 14:05 (in UTC, as the store has it)."""
        if value is None:
            return NONE
        between = " " if self.language == "zh" else ", "
        return f"{self.day(value)}{between}{value:%H:%M}"

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
