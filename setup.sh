#!/bin/sh
# Usage: setup.sh VENV [PYTHON]
# Makes or repairs a virtual environment that holds exactly requirements.lock and this project, every file checked by hash.
set -eu
venv=$1
wanted=${2:-}

suits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' >/dev/null 2>&1
}

find_python() {
    for candidate in ${wanted:-python3 python3.13 python3.12 python3.11 python}; do
        if suits "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    if [ -n "$wanted" ]; then
        echo "heard: PYTHON=$wanted is no Python 3.11, 3.12 or 3.13; name another, as in 'make PYTHON=python3.12'." >&2
    else
        echo "heard: no Python 3.11, 3.12 or 3.13 found; install one, or name one, as in 'make PYTHON=/path/to/python3.12'." >&2
    fi
    exit 2
}

# A virtual environment dies with the interpreter it was made from, and does not survive being moved.
alive() {
    suits "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1 &&
        [ "$(sed -n 1p "$venv/.home" 2>/dev/null)" = "$(pwd -P)" ]
}

if ! alive; then
    python=$(find_python)
    echo "heard: setting up $venv with $("$python" --version) (a minute or two, once)"
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        echo "heard: $python cannot make virtual environments; on Debian and Ubuntu install the package python3-venv." >&2
        exit 2
    fi
    "$python" -m venv --clear "$venv"
    pwd -P >"$venv/.home"
fi

# uv is many times faster than pip; where it has no wheel, pip does the same work.
if "$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
    -r requirements-uv.txt; then
    export VIRTUAL_ENV="$(pwd -P)/$venv"
    "$venv/bin/uv" pip sync --quiet --require-hashes requirements.lock
    "$venv/bin/uv" pip install -qq --offline --no-deps --no-build-isolation --editable .
else
    echo "heard: uv is not to be had here; installing with pip instead (slower)."
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-index --no-deps --no-build-isolation --editable .
fi
