#!/bin/sh
# Makes .venv in the repository root from requirements.txt, when it is missing or the
# list has changed. Prints nothing unless it fails. Safe to call at any time, also from
# several make targets at once. PYTHON=... picks another interpreter than python3.
set -eu

fail() {
    echo "venv.sh: $*" >&2
    exit 1
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
requirements=$here/requirements.txt
venv=$root/.venv
stamp=$venv/requirements.sha256
work=$root/target/demo
log=$work/venv.log
python=${PYTHON:-python3}

command -v "$python" >/dev/null 2>&1 ||
    fail "$python is missing: install Python 3.10 or newer"
# 3.10 is what the pinned packages ask for.
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
    fail "$("$python" --version 2>&1) is too old: install Python 3.10 or newer, or name one with PYTHON=..."
# Debian and Ubuntu ship these two apart from Python itself.
"$python" -c 'import venv, ensurepip' 2>/dev/null ||
    fail "Python's venv module is missing: install the package python3-venv"

mkdir -p "$work"
# One caller builds, the others wait. The lock belongs to file descriptor 9, which this
# shell holds open, so it goes away with the shell even when that is killed.
exec 9>"$work/venv.lock"
"$python" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'

wanted=$("$python" -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$requirements")
# The interpreter is tried too: it may have been removed or upgraded under the venv.
if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && "$venv/bin/python" -c '' 2>/dev/null; then
    exit 0
fi

pip() {
    "$venv/bin/python" -m pip --disable-pip-version-check "$@"
}

# --no-deps believes the list, so the result is checked: a pin that is forgotten or does
# not fit is a line here. Zig is left out on purpose, see the list.
complaints() {
    pip check 2>&1 |
        grep -v -e '^No broken requirements' -e '^cargo-lambda .* requires ziglang, which is not installed'
}

build() {
    "$python" -m venv --clear "$venv" &&
        pip install --quiet --no-input --no-deps -r "$requirements" &&
        ! complaints
}

if ! build >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    fail "could not build the venv, see target/demo/venv.log"
fi
# Last, so that a venv that was cut short is built again.
echo "$wanted" >"$stamp"
