#!/bin/sh
# Installs the locked dependencies and this project into a virtual environment. Needs Python 3.11 or newer; uses uv if there is one.
set -eu

venv=$1
cd "$(dirname "$0")/.."

find_python() {
    for candidate in "${PYTHON:-}" python3.13 python3.12 python3.11 python3 python; do
        # A name may exist and still not run: version managers leave such names behind.
        if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "Oneshelf needs Python 3.11 or newer; none was found. Name one with PYTHON=/path/to/python make setup" >&2
    exit 1
}

python=$(find_python)
is_usable() { "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

echo "Installing into $venv ..."
if command -v uv >/dev/null 2>&1; then
    is_usable || uv venv --quiet --clear --python "$python" "$venv"
    uv pip install --quiet --python "$venv/bin/python" --require-hashes -r requirements-dev.lock
    uv pip install --quiet --python "$venv/bin/python" --offline --no-deps --no-build-isolation --editable .
else
    is_usable || "$python" -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --editable .
fi
