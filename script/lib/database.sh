# Databases: make, copy, drop, update.  Sourced after postgres.sh.

# A database of ours carries the digest of the sources it was made from as its comment.
db_exists() { [ "$(psql_q -d postgres -c "select 1 from pg_database where datname = '$1'")" = 1 ]; }
db_stamp()  { psql_q -d postgres -c "select shobj_description(oid, 'pg_database') from pg_database where datname = '$1'"; }
db_mark()   { psql_q -d postgres -c "comment on database \"$1\" is '$2'"; }
filestore() { echo "$DATA_DIR/filestore/$1"; }

check_db_name() {
    case $1 in
        '' | *[!A-Za-z0-9_-]* | -* | template0 | template1 | postgres) die "'$1' is no name for a database of ours: letters, digits, _ and -" ;;
    esac
}

db_drop() {
    psql_q -d postgres -c "drop database if exists \"$1\" with (force)" 2>/dev/null
    rm -rf "$(filestore "$1")"
}

# db_copy FROM TO: FROM must have no connection.  The filestore is addressed by
# content and never rewritten, so links are as good as copies.
db_copy() {
    db_drop "$2"
    psql_q -d postgres -c "create database \"$2\" template \"$1\""
    mkdir -p "$DATA_DIR/filestore"
    [ ! -d "$(filestore "$1")" ] || cp -al "$(filestore "$1")" "$(filestore "$2")"
}

# db_rename FROM TO: the filestore first; only then is the database there.
db_rename() {
    rm -rf "$(filestore "$2")"
    [ ! -d "$(filestore "$1")" ] || mv "$(filestore "$1")" "$(filestore "$2")"
    psql_q -d postgres -c "alter database \"$1\" rename to \"$2\""
}

# run_odoo LOGFILE ARGS...: Odoo with its log in a file and its progress on the terminal.
run_odoo() {
    local log=$1 rc=0
    shift
    mkdir -p "$(dirname "$log")"
    "$VENV/bin/odoo" server --max-cron-threads=0 --stop-after-init "$@" 9>&- 2>&1 </dev/null \
        | "$VENV/bin/python" "$LIB/progress.py" "$log" || rc=$?
    return $rc
}

# db_install DATABASE LOGFILE ARGS...: run_odoo that ends the script when it fails.
db_install() {
    local db=$1 log=$2
    shift 2
    run_odoo "$log" -d "$db" "$@" && return 0
    tail -n 15 "$log" >&2
    die "Odoo stopped with an error on database $db (${log#"$ROOT"/})"
}

# A development database calls nobody: its services are at a closed port, and it
# does not report itself.
db_isolate() {
    psql_q -d "$1" >/dev/null <<'SQL'
insert into ir_config_parameter (key, value)
select k, 'http://127.0.0.1:9'
  from unnest(array['iap.endpoint', 'iap.partner_autocomplete.endpoint', 'enrich.endpoint',
                    'sms.endpoint', 'snailmail.endpoint']) k
    on conflict (key) do update set value = excluded.value;
update ir_cron set active = false
 where id in (select res_id from ir_model_data
               where module = 'mail' and name = 'ir_cron_module_update_notification' and model = 'ir.cron');
SQL
}

# db_make NAME MODULES ARGS...: with demo data unless ARGS say otherwise, in both
# languages, under another name until it is complete.
db_make() {
    local name=$1 modules=$2 new=${1}__new
    shift 2
    db_drop "$new"
    db_install "$new" "$LOG/make-$name.log" --no-http -i "$modules" --load-language=en_US,zh_CN "$@"
    db_isolate "$new"
    db_mark "$new" "service_quality_core $(addons_digest)"
    db_rename "$new" "$name"
}
