#!/bin/sh
# Make a virtual environment: make_venv.sh FOLDER [PYTHON …]. Debian ships Python without the venv module.
set -eu
folder=$1
shift
named=$*

# Each candidate is run, not only found: a version manager puts every version on PATH, and most of those names end
# with "command not found" until their version is chosen.
python=
for candidate in ${named:-python3.14 python3.13 python3.12 python3.11 python3 python}; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "parity-tui needs Python 3.11 or newer${named:+, and \"$named\" is none}; name one: make PYTHON=/path/to/python3.11" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    version=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    echo "installing $version: this Python cannot make virtual environments without it …"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$version" >/dev/null
fi
if ! "$python" -m venv "$folder"; then
    rm -rf "$folder"
    echo "$python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2
    exit 1
fi
