"""Pages of the dashboard under Streamlit's own test harness, on a real store."""

from unittest.mock import patch

from streamlit.testing.v1 import AppTest

from dashboards.access import LOCAL
from dashboards.state import served
from monitor.settings import Settings

SCAN = "streamlit.components.v2.manifest_scanner.scan_component_manifests"
"""At each run the harness looks for components in every installed package, which takes ten times as long as a page."""


def page(name, store, *, person=LOCAL, language="en", **query):
    """A page as it stands after its first run; `query` is what its address says."""
    served.configure(Settings(store=str(store)))
    app = AppTest.from_string(f"from dashboards.shell import show_page\nshow_page({name!r})", default_timeout=120)
    app.session_state["language"] = language
    for key, value in query.items():
        app.query_params[key] = value
    return run(app, person)


def run(app, person=LOCAL):
    """Run it again, as this person; nothing may go wrong."""
    with patch("dashboards.shell.who_looks", lambda: person), patch(SCAN, list):
        app.run()
    assert not app.exception
    return app


def words(app):
    """All HTML that the page drew, its stylesheet left out."""
    bodies = (element.proto.body for element in app.get("html"))
    return "\n".join(body for body in bodies if not body.startswith("<style>"))
