"""The schema's versions: a store is brought to the newest one when it is opened, in one transaction."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from audio.errors import StoreError
from monitor.store.engine import lock, shown, transaction

HEAD = "0011"
"""The newest schema version, the last file in migrations/versions."""


def migrate(engine: Engine) -> None:
    """Bring the schema to HEAD. A store newer than this program is refused and left untouched."""
    with transaction(engine, write=False) as connection:
        if version_of(connection) == HEAD:
            return
    with transaction(engine, write=True) as connection:
        lock(connection, "migrate")  # two programs may open a new store at once
        version = version_of(connection)
        _check(version, connection)
        if version != HEAD:
            _upgrade(connection)


def version_of(connection: Connection) -> str | None:
    """The store's schema version, None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _check(version: str | None, connection: Connection) -> None:
    name = shown(connection.engine.url)
    if version is None and inspect(connection).get_table_names():
        raise StoreError(f"The store {name} is a database of something else; choose another with --store.")
    if version is not None and version > HEAD:
        raise StoreError(
            f"The store {name} was written by a newer heard (schema {version}, this one knows {HEAD}); update heard."
        )


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
