#!/bin/sh
# Make the virtual environment; on a Debian or Ubuntu without python3-venv install that first.
set -eu
python=$1
folder=$2
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "o2c needs Python 3.11 or later; $python is $("$python" --version 2>&1)" >&2
    exit 1
}
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "this Python has no venv module; installing the package python$version-venv" >&2
    as_root=""
    [ "$(id -u)" = 0 ] || as_root="sudo"
    $as_root apt-get update -qq
    $as_root apt-get install -y -qq "python$version-venv" || $as_root apt-get install -y -qq python3-venv
fi
rm -rf "$folder"
"$python" -m venv "$folder"
