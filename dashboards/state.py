"""The settings and the store that this process serves, shared by all who look."""

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from monitor.settings import Settings

if TYPE_CHECKING:
    from monitor.store import Store


class Served:
    """One store, opened when first asked for and again after it was replaced."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.config: Path | None = None
        self.sign_in = False
        self._lock = Lock()
        self._store: Store | None = None

    def configure(self, settings: Settings, *, config: Path | None = None, sign_in: bool = False) -> None:
        """Serve what these settings name; `sign_in` says whether people have to tell who they are."""
        with self._lock:
            self._close()
            self.settings, self.config, self.sign_in = settings, config, sign_in

    def store(self) -> "Store":
        """The open store. Raises StoreError where it is not there, or cannot be read."""
        # Imported late, so that the server answers before the database library is loaded.
        from monitor.store import Store, StoreError

        with self._lock:
            if self._store is not None:
                try:
                    self._store.check_there()
                except StoreError:
                    self._close()
            if self._store is None:
                self._store = Store.open(self.settings.store, create=False)
            return self._store

    def is_missing(self) -> bool:
        """Whether there is no store yet, or no longer."""
        return "://" not in self.settings.store and not Path(self.settings.store).exists()

    def _close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None


served = Served()
"""What this process serves."""
