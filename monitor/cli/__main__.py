"""`python -m monitor.cli` is `heard`."""

from monitor.cli import main

main()
