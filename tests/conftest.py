"""Fixtures that several tests share: empty databases, SQLite, and a real PostgreSQL where it is installed."""

import os

import postgres
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import text

from monitor.store import Store
from monitor.store.engine import connect, parse_url, transaction

# The same examples everywhere, so that a change alone can make a test fail; HYPOTHESIS_PROFILE=search draws new ones.
settings.register_profile("same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(scope="session")
def postgresql():
    """The URL of a running server."""
    programs = postgres.programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    with postgres.server(programs) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """An empty database of each kind."""
    return str(tmp_path / "heard.db") if request.param == "sqlite" else emptied(request.getfixturevalue("postgresql"))


def emptied(url):
    """The address of a PostgreSQL database, with all that was in it gone."""
    engine = connect(parse_url(url))
    with transaction(engine, write=True) as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return url


@pytest.fixture
def store(url):
    """An empty store of each kind."""
    with Store.open(url) as opened:
        yield opened
