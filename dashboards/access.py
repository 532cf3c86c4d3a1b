"""Who is looking, and what they may see. Who may do what is set in heard.toml; who is who the sign-in service says."""

from dataclasses import dataclass

from monitor.settings import Access, Role, Settings

ADMITTED: dict[str, tuple[Role, ...]] = {
    "queue": ("reviewer", "manager", "admin"),
    "call": ("reviewer", "manager", "admin"),
    "live": ("reviewer", "manager", "admin"),
    "overview": ("manager", "admin"),
    "coaching": ("manager", "admin"),
    "health": ("manager", "admin"),
    "runs": ("admin",),
}
"""By page, the roles that may open it."""


@dataclass(frozen=True)
class Person:
    """Somebody at the screen."""

    name: str
    """Written beside their verdicts: the e-mail address, or "local reviewer" where nobody signs in."""
    role: Role = "admin"
    teams: tuple[str, ...] | None = None
    """The teams whose calls they may see; None means all."""
    signed_in: bool = False

    def may_open(self, page: str) -> bool:
        """Whether the page is one for this person's role."""
        return self.role in ADMITTED[page]


LOCAL = Person("local reviewer")
"""Whoever sits at the machine, where there is no sign-in."""


def person_of(email: str, settings: Settings) -> Person | None:
    """The person with this address, None where heard.toml does not know them; case does not count."""
    known = {address.casefold(): access for address, access in settings.dashboard.people.items()}
    access: Access | None = known.get(email.casefold()) if email else None
    return None if access is None else Person(email, access.role, access.teams, signed_in=True)
