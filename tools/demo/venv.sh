#!/bin/sh
# Makes virtual environments of pinned Python packages, each when it is missing or its
# list has changed:
#   venv.sh                .venv, from requirements.txt: all that `make demo` needs
#   venv.sh NAME...        .venv as well, and .venv/NAME, from tools/infra/requirements-NAME.txt
#   venv.sh --list         the NAMEs there are
# A nested one is for tools whose pins do not fit beside the others, or that are big and
# only for tests. Prints nothing unless it fails. Safe to call at any time, also from
# several make targets at once. PYTHON=... picks another interpreter than python3.
set -eu

fail() {
    echo "venv.sh: $*" >&2
    exit 1
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
nested=$root/tools/infra
work=$root/target/demo
python=${PYTHON:-python3}

if [ "${1:-}" = --list ]; then
    for list in "$nested"/requirements-*.txt; do
        basename "$list" .txt | sed 's/^requirements-//'
    done
    exit 0
fi
for name in "$@"; do
    [ -f "$nested/requirements-$name.txt" ] ||
        fail "no list for '$name'; there are: $("$0" --list | tr '\n' ' ')"
done

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

pip() {
    "$venv/bin/python" -m pip --disable-pip-version-check "$@"
}

# --no-deps believes the list, so the result is checked: a pin that is forgotten or does
# not fit is a line here. Zig is left out on purpose, see the list.
complaints() {
    pip check 2>&1 |
        grep -v -e '^No broken requirements' -e '^cargo-lambda .* requires ziglang, which is not installed'
}

# Empties $venv but for the environments nested in it.
empty() {
    for entry in "$venv"/*; do
        [ -e "$entry/pyvenv.cfg" ] || rm -rf "$entry"
    done
}

build() {
    empty &&
        "$python" -m venv "$venv" &&
        pip install --quiet --no-input --no-deps -r "$requirements" &&
        ! complaints
}

# provide VENV REQUIREMENTS LOG: builds VENV unless it is there, runs, and is of this list.
provide() {
    venv=$1 requirements=$2 log=$3
    stamp=$venv/requirements.sha256
    wanted=$("$python" -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$requirements")
    # The interpreter is tried too: it may have been removed or upgraded under the venv.
    if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && "$venv/bin/python" -c '' 2>/dev/null; then
        return 0
    fi
    if ! build >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        fail "could not build the venv, see ${log#"$root/"}"
    fi
    # Last, so that a venv that was cut short is built again.
    echo "$wanted" >"$stamp"
}

provide "$root/.venv" "$here/requirements.txt" "$work/venv.log"
for name in "$@"; do
    provide "$root/.venv/$name" "$nested/requirements-$name.txt" "$work/venv-$name.log"
done
