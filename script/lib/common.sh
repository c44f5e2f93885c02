# Paths, messages and the lock that every script shares.  Sourced, never run.
set -Eeuo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
CACHE=$ROOT/.cache
VENV=$ROOT/.venv
LIB=$ROOT/script/lib
LOG=$CACHE/log
LOCKFILE=$CACHE/setup.lock

say()  { printf '== [%3ds] %s\n' "$SECONDS" "$*" >&2; }
note() { printf '   %s\n' "$*" >&2; }
die()  { printf 'error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

trap 'rc=$?; printf "error: %s, line %s: status %s: %s\n" "${BASH_SOURCE[0]#"$ROOT"/}" "$LINENO" "$rc" "$BASH_COMMAND" >&2' ERR

# The comment at the head of a script is its --help.
usage() { sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"; }

# One set-up at a time: a second call waits for the first and finds its work done.
# Whatever stays alive longer than the script must be started with 9>&-.
take_lock() {
    mkdir -p "$LOG"
    if [ -n "${locked:-}" ] || ! have flock; then return 0; fi
    exec 9>"$LOCKFILE"
    flock -n 9 || { note "another script of this project is at work, waiting for it"; flock -w 1800 9; } \
        || die "the other script has not finished in half an hour (lock: .cache/setup.lock)"
    locked=1
}

drop_lock() {
    [ -n "${locked:-}" ] || return 0
    exec 9>&-
    locked=
}

write_if_changed() {
    local text
    text=$(cat)
    [ "$(cat "$1" 2>/dev/null)" = "$text" ] || printf '%s\n' "$text" >"$1"
}

# The addons of this project, by name, in one line.
our_addons() {
    local manifest names=()
    for manifest in "$ROOT"/addons/*/__manifest__.py; do
        [ ! -f "$manifest" ] || names+=("$(basename "$(dirname "$manifest")")")
    done
    local IFS=${1:-,}
    printf '%s\n' "${names[*]:-}"
}

# One digest of all sources that decide what a database looks like.
addons_digest() {
    (
        cd "$ROOT"
        { cat requirements.txt; find addons -type f ! -name '*.pyc' ! -path '*/tests/*' ! -path '*/static/*' -print0 2>/dev/null \
            | sort -z | xargs -0r sha256sum; } | sha256sum | cut -c1-16
    )
}

free_port() {
    "$VENV/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

port_is_free() {
    "$VENV/bin/python" - "$1" <<'PY'
import socket
import sys

with socket.socket() as s:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        s.bind(("127.0.0.1", int(sys.argv[1])))
    except OSError:
        sys.exit(1)
PY
}
