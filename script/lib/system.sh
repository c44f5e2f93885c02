# System packages, the interpreter, uv and .venv.  Sourced after common.sh.
LOCK=$ROOT/requirements.txt
LAYOUT=2          # raise it to make the stamps of .venv and .cache/odoo stale

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif have sudo && sudo -n true 2>/dev/null; then sudo -n "$@"
    else return 97; fi
}

apt_install() {
    have apt-get || return 97
    as_root apt-get update -qq >>"$LOG/apt.log" 2>&1 || return $?
    # the lock timeout: an unattended upgrade may be at work
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
        install -y -qq --no-install-recommends "$@" >>"$LOG/apt.log" 2>&1
}

# What PDF reports and their tests need; with "browser" also what browser tests need.
missing_packages() {
    have wkhtmltopdf || echo wkhtmltopdf
    have pdftotext || echo poppler-utils
    fc-list :lang=zh 2>/dev/null | grep -q . || echo fontconfig fonts-wqy-microhei
    [ "${1:-}" = browser ] || return 0
    have chromium || echo chromium
    # the Node that playwright brings wants it
    compgen -G '/usr/lib/*/libatomic.so.1' >/dev/null || echo libatomic1
}

# What a Python package brings was linked on another machine: say what it misses here.
check_libraries() {
    local stamp=$VENV/.libraries missing
    ! cmp -s "$VENV/.stamp" "$stamp" || return 0
    missing=$("$VENV/bin/python" "$LIB_DIR/libraries.py" "$VENV") || true
    [ -n "$missing" ] || { cp "$VENV/.stamp" "$stamp"; return 0; }
    note "libraries of the system are missing; install the packages that have them:"
    note "$missing"
}

# Runs beside the rest of the set-up: nothing else waits for these packages.
start_system_packages() {
    system_job=
    local missing
    missing=$(missing_packages "$@" | xargs)
    [ -n "$missing" ] || return 0
    say "system packages, in the background: $missing"
    # shellcheck disable=SC2086
    apt_install $missing 9>&- &
    system_job=$!
    system_wanted=$missing
}

finish_system_packages() {
    [ -n "$system_job" ] || return 0
    [ -z "$(jobs -r)" ] || say "waiting for the system packages"
    local rc=0
    wait "$system_job" || rc=$?
    [ $rc != 0 ] || return 0
    note "could not install $system_wanted (log: .cache/log/apt.log)."
    note "PDF reports and browser tests need them; to mend this, run as root:"
    note "    apt-get install --no-install-recommends $system_wanted"
}

find_python() {
    local p v
    for p in ${PYTHON:-python3.11 python3}; do
        v=$("$p" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
        [ "$v" = 3.11 ] || [ -n "${PYTHON:-}" ] || continue
        # never the python of .venv itself, which a new .venv would pull from under our feet
        PY=$("$p" -c 'import sys; print(getattr(sys, "_base_executable", None) or sys.executable)')
        [ "$v" = 3.11 ] || note "warning: requirements.txt was made for Python 3.11, this is $v"
        return 0
    done
    [ -z "${PYTHON:-}" ] || die "PYTHON=$PYTHON does not run"
    if [ -z "${tried_python:-}" ]; then
        tried_python=1
        say "Python 3.11"
        if apt_install python3.11; then find_python; return; fi
    fi
    die "no Python 3.11 found; run as root: apt-get install python3.11   (or set PYTHON=/path/to/python3.11)"
}

# A pip to install uv with: the interpreter's own, or the wheel in Debian's
# package, which needs no right to install anything.
find_pip() {
    PIP=("$PY" -m pip)
    ! "${PIP[@]}" --version >/dev/null 2>&1 || return 0
    local wheels=$CACHE/tools/pip
    if ! ls "$wheels"/usr/share/python-wheels/pip-*.whl >/dev/null 2>&1; then
        mkdir -p "$wheels"
        fetch_deb bookworm python3-pip-whl any '' || die "$PY has no pip; run as root: apt-get install python3-pip"
        dpkg-deb -x "$DEB" "$wheels"
    fi
    PIP=(env PYTHONPATH="$(echo "$wheels"/usr/share/python-wheels/pip-*.whl)" "$PY" -m pip)
}

# uv reads none of pip's settings: hand over an index or a CA file set there.
package_index() {
    export UV_CACHE_DIR=${UV_CACHE_DIR:-$CACHE/uv} UV_HTTP_TIMEOUT=${UV_HTTP_TIMEOUT:-180}
    export UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1
    local url ca=${PIP_CERT:-/etc/ssl/certs/ca-certificates.crt}
    if [ -z "${UV_DEFAULT_INDEX:-}" ]; then
        url=${PIP_INDEX_URL:-$("${PIP[@]}" config get global.index-url 2>/dev/null || true)}
        [ -z "$url" ] || export UV_DEFAULT_INDEX=$url
    fi
    # uv carries its own list of authorities; this machine's list may have one more
    if [ -z "${SSL_CERT_FILE:-}" ] && [ -f "$ca" ]; then export SSL_CERT_FILE=$ca; fi
}

find_uv() {
    find_pip
    package_index
    UV=$CACHE/tools/bin/uv
    [ ! -x "$UV" ] || return 0
    if have uv; then UV=$(command -v uv); return 0; fi
    say "uv, the package installer"
    local req=$CACHE/uv-requirement.txt
    awk '/^uv==/{on=1} on{print} on && !/\\$/{exit}' "$LOCK" >"$req"
    [ -s "$req" ] || die "requirements.txt does not pin uv"
    rm -rf "$CACHE/tools/uv"
    "${PIP[@]}" install -q --disable-pip-version-check --no-warn-script-location --require-hashes --only-binary :all: \
        --root-user-action ignore --target "$CACHE/tools/uv" -r "$req" >"$LOG/uv.log" 2>&1 \
        || { tail -5 "$LOG/uv.log" >&2; die "pip could not install uv (.cache/log/uv.log)"; }
    mkdir -p "$CACHE/tools/bin"
    ln -sfn ../uv/bin/uv "$UV"
}

# pip and uv must see a distribution "odoo 19.0", which the OCA wheels require.
register_odoo() {
    local site meta info
    site=$("$VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    meta=$site/odoo-19.0.dist-info
    echo "$ODOO_PATH" >"$site/odoo.pth"
    rm -rf "$meta"
    mkdir -p "$meta"
    info=$ODOO_PATH/odoo-19.0.egg-info/PKG-INFO
    if [ -f "$info" ]; then
        sed -n -E '/^$/q; /^License-File:/d; s/^(Requires-Dist: psycopg2)( *[<>=;].*)?$/\1-binary\2/; p' "$info" >"$meta/METADATA"
    else
        printf 'Metadata-Version: 2.1\nName: odoo\nVersion: 19.0\n' >"$meta/METADATA"
    fi
    echo script/setup >"$meta/INSTALLER"
    printf 'Wheel-Version: 1.0\nGenerator: script/setup\nRoot-Is-Purelib: true\nTag: py3-none-any\n' >"$meta/WHEEL"
    printf '%s,,\n' odoo.pth odoo-19.0.dist-info/{METADATA,WHEEL,INSTALLER,RECORD} >"$meta/RECORD"
    cat >"$VENV/bin/odoo" <<PY
#!$VENV/bin/python
import os
import sys

os.environ.setdefault("ODOO_RC", "$CACHE/odoo.conf")
import odoo.cli

if __name__ == "__main__":
    sys.exit(odoo.cli.main())
PY
    chmod +x "$VENV/bin/odoo"
}

step_venv() {
    local stamp
    stamp="$LAYOUT $("$PY" -V) $VENV $ODOO_PATH $(sha256sum <"$LOCK")"
    [ "$(cat "$VENV/.stamp" 2>/dev/null)" != "$stamp" ] || return 0
    find_uv
    say "virtual environment: $(grep -cE '^[a-z0-9].*==' "$LOCK") packages"
    rm -f "$VENV/.stamp"
    # an environment in use is brought up to date in place
    if [ "$("$VENV/bin/python" -V 2>/dev/null)" != "$("$PY" -V)" ] || ! grep -qF "$VENV" "$VENV/bin/activate" 2>/dev/null; then
        "$UV" venv -q --clear --no-project --python "$PY" "$VENV" || die "uv could not make .venv"
    fi
    # every file is checked against the lock; so are the build tools of the few source packages
    "$UV" pip sync -q --python "$VENV/bin/python" --require-hashes --build-constraints "$LOCK" "$LOCK" \
        || die "uv could not install requirements.txt"
    register_odoo
    "$VENV/bin/odoo" --version >"$LOG/version.log" 2>&1 || { cat "$LOG/version.log" >&2; die "odoo does not start (.cache/log/version.log)"; }
    "$UV" pip check -q --python "$VENV/bin/python" || die "the pins do not fit together (uv pip check, above)"
    echo "$stamp" >"$VENV/.stamp"
}
