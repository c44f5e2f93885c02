# The parts of script/test.  Sourced after setup.sh.
#
# All databases live in the throw-away cluster, or on the user's own server; their
# names begin with sqtest_, and no other is touched.  Two are templates, kept from
# run to run while the sources they came from are the same:
#   sqtest_base_v<digest>   helpdesk_mgmt with its demo tickets, no addon of ours
#   sqtest_ours_v<digest>   base with all of ours installed on top of it
# A part works on a copy, sqtest_<part>_<process id>, which takes half a second.

PY_BIN=$VENV/bin/python

results() { "$PY_BIN" "$LIB/results.py" "$RUN/results.tsv" "$@"; }

# check PART NAME COMMAND...: one thing that passes or fails
check() {
    local part=$1 name=$2 log
    shift 2
    log=$RUN/$part-${name//[^a-zA-Z0-9]/-}.log
    if "$@" >"$log" 2>&1; then
        results one "$part" "$name" passed
    else
        results one "$part" "$name" failed
        tail -40 "$log" >&2
    fi
}

# open_run [browser]: the environment, the cluster, and a folder that shows other
# runs that this one lives
open_run() {
    RUN=$CACHE/test/run-$$
    rm -rf "$RUN"
    mkdir -p "$RUN"
    PIDS=() COPIES=()
    setup "$@"
    use_cluster test
    pg_start
    sweep_dead_runs
}

close_run() {
    local pid db
    for pid in "${PIDS[@]}"; do kill "$pid" 2>/dev/null; done
    for pid in "${PIDS[@]}"; do wait "$pid" 2>/dev/null; done
    for db in "${COPIES[@]}"; do db_drop "$db"; done
    [ ! -x "$PY_BIN" ] || stop_idle_cluster
}

begin_run() {
    trap stop_run EXIT
    open_run browser
    ln -sfn "run-$$" "$CACHE/test/latest"
}

# Runs that were killed leave a folder and databases, which carry their process id.
sweep_dead_runs() {
    local name
    for name in "$CACHE"/test/run-*; do
        [ "$name" = "$RUN" ] || alive "${name##*-}" || rm -rf "$name"
    done
    [ -z "$OWN_SERVER" ] || return 0       # other machines may use it as well
    for name in $(psql_q -d postgres -c "select datname from pg_database where datname ~ '^sqtest_[a-z]+_[0-9]+\$'"); do
        alive "${name##*_}" || db_drop "$name"
    done
}

alive() { [ -d "/proc/$1" ]; }

# The last run that ends stops the cluster.
stop_idle_cluster() {
    local name
    take_lock
    for name in "$CACHE"/test/run-*; do
        [ "$name" = "$RUN" ] || ! alive "${name##*-}" || return 0
    done
    pg_stop
}

# Whatever happens, the last line is the result.
stop_run() {
    trap - EXIT ERR
    set +e
    close_run >&2
    if [ -x "$PY_BIN" ]; then
        [ -n "${finished:-}" ] || results one run "script/test came to its end" failed
        results total
        exit $?
    fi
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
}

end_run() { finished=1; exit 0; }

# ---------------------------------------------------------------- databases
make_templates() {
    local id
    take_lock
    id=$({ our_addons; cat "$ROOT/requirements.txt" "$CACHE/odoo/.stamp" 2>/dev/null; } | sha256sum | cut -c1-10)
    BASE=sqtest_base_v$id
    OURS=sqtest_ours_v$(addons_digest)
    INSTALL_LOG=$CACHE/test/$OURS.log
    [ -z "$FRESH" ] || { db_drop "$BASE"; db_drop "$OURS"; }
    FRESH=
    if ! db_exists "$BASE"; then
        say "template database: helpdesk_mgmt with demo tickets"
        drop_templates sqtest_base_
        db_drop "${BASE}__new"
        db_install "${BASE}__new" "$CACHE/test/$BASE.log" --no-http -i helpdesk_mgmt --with-demo --load-language=en_US,zh_CN
        db_isolate "${BASE}__new"
        db_rename "${BASE}__new" "$BASE"
    fi
    if ! db_exists "$OURS" || [ ! -f "$INSTALL_LOG" ]; then
        say "template database: ours on top of it"
        drop_templates sqtest_ours_
        db_copy "$BASE" "${OURS}__new"
        if run_odoo "$INSTALL_LOG" -d "${OURS}__new" --no-http -i "$(our_addons)"; then
            db_rename "${OURS}__new" "$OURS"
        else
            tail -n 15 "$INSTALL_LOG" >&2
            BROKEN=1
        fi
    fi
}

installed() {
    [ -z "$DB" ] || return 0
    results one "$1" "our addons can be installed where tickets are" failed
    return 1
}

# those that another run is copying stay: dropping without force fails
drop_templates() {
    local db
    for db in $(psql_q -d postgres -c "select datname from pg_database where starts_with(datname, '$1')"); do
        ! psql_q -d postgres -c "drop database \"$db\"" 2>/dev/null || rm -rf "$(filestore "$db")" "$CACHE/test/$db.log"
    done
}

# copy_database WHAT -> $DB, a copy of the template with ours, for this run alone.
# Where ours cannot be installed there is none: the parts that need it say so and
# end, the others still run.
copy_database() {
    DB=
    [ -n "${BROKEN:-}" ] || make_templates
    [ -z "${BROKEN:-}" ] || { drop_lock; return 0; }
    DB=sqtest_${1}_$$
    COPIES+=("$DB")
    db_copy "$OURS" "$DB"
    drop_lock
}

name_benchmark_databases() {
    export BENCH_BARE=sqbench_bare BENCH_PEER=sqbench_peer
    export BENCH_CORE=sqbench_core BENCH_OURS=sqbench_ours BENCH_VOLUME=sqbench_volume
}

# make_benchmark_databases NAME:MODULE...
make_benchmark_databases() {
    local name
    for name; do
        say "benchmark database ${name%%:*}: ${name#*:}"
        db_drop "sqbench_${name%%:*}"
        db_install "sqbench_${name%%:*}" "$LOG/bench-${name%%:*}.log" --no-http -i "${name#*:}"
        db_isolate "sqbench_${name%%:*}"
    done
}

# export_terms FOLDER ADDON...: a .pot of each, from a copy of the template
export_terms() {
    local folder=$1 addon
    shift
    mkdir -p "$folder"
    copy_database terms
    [ -n "$DB" ] || return 0
    for addon; do
        "$VENV/bin/odoo" i18n export -d "$DB" -l pot -o "$folder/$addon.pot" "$addon" >"$RUN/terms.log" 2>&1 </dev/null \
            || { tail -5 "$RUN/terms.log" >&2; die "the terms of $addon cannot be exported"; }
    done
}

# odoo_tests PART NAME ARGS...: Odoo's own runner on $DB, its log judged
odoo_tests() {
    local part=$1 name=$2 log
    shift 2
    log=$RUN/$part-$name.log
    run_odoo "$log" -d "$DB" --http-port="$(free_port)" --screenshots "$RUN/screenshots" "$@" || true
    results odoo "$part" "$name" "$log"
}

checklog() { check "$1" "$2: no warning in the log" "$PY_BIN" "$LIB/checklog.py" "${@:4}" "$3"; }

# the same for a log that must show a whole installation
checkload() { checklog "$@" --needs "Modules loaded"; }

pytest_part() {
    local part=$1 rc=0
    shift
    (cd "$ROOT" && "$PY_BIN" -m pytest --junit-xml="$RUN/$part.xml" -o cache_dir="$CACHE/pytest" "$@") >&2 || rc=$?
    results junit "$part" "$RUN/$part.xml" $rc
}

# ---------------------------------------------------------------- parts
run_part() {
    case $1 in
        unit) part_unit ;;
        addon) part_addon ;;
        alone) part_alone ;;
        odoo) part_odoo ;;
        live) part_live ;;
        compat) part_compat ;;
        wheels) part_wheels ;;
        lint) part_lint ;;
    esac
}

# Paths among pytest's arguments replace those that the part would take.
paths_given() {
    local arg
    for arg in "${PYTEST_ARGS[@]}"; do
        case ${arg%%::*} in
            -*) ;;
            */* | *.py) return 0 ;;
        esac
    done
    return 1
}

part_unit() {
    drop_lock
    local paths=()
    paths_given || paths=("$ROOT"/tests "$ROOT"/addons/*/tools)
    PYTHONPATH=$LIB pytest_part unit -p plain_addons --doctest-modules -m "plain or doctest" "${paths[@]}" "${PYTEST_ARGS[@]}"
}

part_addon() {
    copy_database addon
    installed addon || return 0
    local paths=()
    paths_given || paths=("$ROOT"/addons/*/tests)
    PYTHONPATH=$LIB pytest_part addon -p odoo -p addon_tests --odoo-database="$DB" --odoo-log-level=warn \
        --odoo-extra logfile="$RUN/addon-odoo.log" "${paths[@]}" "${PYTEST_ARGS[@]}"
    checklog addon tests "$RUN/addon-odoo.log"
}

# Each addon by itself, on the chain of what it depends on: it installs, passes its own
# tests, and goes again without a trace.  The databases are copies, each of the one
# before with one addon more.  Two addons are tried at a time, while the next installs.
part_alone() {
    local addon base only=${ALONE:-}
    make_templates
    drop_lock
    while read -r addon base; do
        [ "$base" != - ] && base=sqtest_alone_${base}_$$ || base=$BASE
        DB=sqtest_alone_${addon}_$$
        COPIES+=("$DB" "${DB}_tried")
        db_copy "$base" "$DB"
        run_odoo "$RUN/alone-$addon-install.log" -d "$DB" --no-http -i "$addon" || true
        checkload alone "$addon on what it depends on" "$RUN/alone-$addon-install.log"
        [ -z "$only" ] || [[ ,$only, == *,$addon,* ]] || continue
        [ ${#PIDS[@]} -lt 2 ] || end_lane
        test_alone "$addon" &
        PIDS+=($!)
    done < <("$PY_BIN" "$LIB/family.py" order ${only//,/ })
    while [ ${#PIDS[@]} -gt 0 ]; do end_lane; done
}

# wait for the addon that has been tried for longest
end_lane() {
    wait "${PIDS[0]}" || results one alone "an addon was tried to the end" failed
    PIDS=("${PIDS[@]:1}")
}

# The database of the addon stays as it is: others are installed on top of it.
test_alone() {
    local addon=$1 whole=$DB tags=/$1
    DB=${whole}_tried
    db_copy "$whole" "$DB"
    if [ -d "$ROOT/addons/$addon/tests" ]; then
        # the part odoo has a browser; who has no other tests is tried with it here too
        [ -z "$(grep -L '"browser"' "$ROOT/addons/$addon"/tests/test_*.py)" ] || tags+=,-browser
        odoo_tests alone "$addon" --test-tags "$tags"
        checklog alone "tests of $addon" "$RUN/alone-$addon.log"
    fi
    db_drop "$DB"
    db_copy "$whole" "$DB"
    check alone "work for $addon" bash -c '"$0" shell -d "$1" --no-http --log-level=critical <"$2"' "$VENV/bin/odoo" "$DB" "$LIB/before.py"
    # the demo's complaints are hidden, and what is hidden is not laid open
    psql_q -d "$DB" -c "do \$\$ begin if exists (select from information_schema.columns where column_name = 'service_is_unclear' and table_name = 'helpdesk_ticket')
        then update helpdesk_ticket set service_about_user_id = null, service_is_report = null, service_is_unclear = null; end if; end \$\$"
    "$VENV/bin/odoo" module uninstall -d "$DB" "$addon" >"$RUN/alone-$addon-uninstall.log" 2>&1 </dev/null || true
    checkload alone "uninstallation of $addon" "$RUN/alone-$addon-uninstall.log"
    GONE=$addon check alone "what is left without $addon" bash -c '"$0" shell -d "$1" --no-http --log-level=critical <"$2"' "$VENV/bin/odoo" "$DB" "$LIB/without.py"
    db_drop "$DB"
}

part_odoo() {
    copy_database browser
    installed odoo || return 0
    local addon tags=$TAGS
    if [ -z "$tags" ]; then
        for addon in $(our_addons ' '); do tags+=${tags:+,}browser/$addon; done
    fi
    odoo_tests odoo browser --test-tags "$tags"
    checklog odoo browser "$RUN/odoo-browser.log"
}

part_live() {
    copy_database spare                   # no server runs on it
    local spare=$DB
    copy_database day
    local day=$DB
    copy_database live
    installed live || return 0
    local port log=$RUN/live-server.log key paths=()
    port=$(free_port)
    key=$("$VENV/bin/odoo" shell -d "$DB" --no-http --log-level=critical 2>"$RUN/live-key.log" <"$LIB/api_key.py" | tail -1)
    "$VENV/bin/odoo" server -d "$DB" --http-port="$port" --logfile="$log" </dev/null >/dev/null 2>&1 9>&- &
    PIDS+=($!)
    "$PY_BIN" "$LIB/wait_for.py" "http://127.0.0.1:$port/web/health" $! || { tail -20 "$log" >&2; results one live "the server starts" failed; return 0; }
    paths_given || paths=("$ROOT/tests")
    SERVICE_QUALITY_URL=http://127.0.0.1:$port SERVICE_QUALITY_DB=$DB SERVICE_QUALITY_API_KEY=$key \
        SERVICE_QUALITY_SPARE_DB=$spare SERVICE_QUALITY_DAY_DB=$day SERVICE_QUALITY_SERVER_LOG=$log PYTHONPATH=$LIB \
        pytest_part live -p plain_addons -m "not plain" "${paths[@]}" "${PYTEST_ARGS[@]}"
    kill "${PIDS[-1]}" 2>/dev/null || true
    wait "${PIDS[-1]}" 2>/dev/null || true
    unset 'PIDS[-1]'
    # the tests provoke refusals, which the server logs as warnings
    checklog live server "$log" --level ERROR
}

part_compat() {
    local ours addon tags=
    ours=$(our_addons)
    copy_database compat
    installed compat || return 0
    checkload compat installation "$INSTALL_LOG"
    odoo_tests compat helpdesk --test-tags /helpdesk_mgmt,/helpdesk_type,/helpdesk_mgmt_merge
    checklog compat "their tests, of ours" "$RUN/compat-helpdesk.log" --only "${ours//,/|}"

    # their gates hold where a regulation is in force, and none is here
    DB=sqtest_management_$$
    COPIES+=("$DB")
    db_copy "$BASE" "$DB"
    run_odoo "$RUN/compat-management-install.log" -d "$DB" --no-http -i service_quality_survey_audit || true
    checkload compat "audit and survey where no regulation is in force" "$RUN/compat-management-install.log"
    odoo_tests compat management --test-tags /mgmtsystem,/mgmtsystem_action,/mgmtsystem_audit,/mgmtsystem_nonconformity,/mgmtsystem_review
    # their surveys speak the first language by name, and their tests English alone
    psql_q -d "$DB" -c "update res_partner set lang = 'en_US'; update res_lang set active = false where code <> 'en_US'"
    odoo_tests compat survey --test-tags /survey

    copy_database sla
    for addon in ${ours//,/ }; do tags+=${tags:+,}/$addon; done
    run_odoo "$RUN/compat-sla-install.log" -d "$DB" --no-http -i helpdesk_mgmt_sla || true
    checkload compat "helpdesk_mgmt_sla beside ours" "$RUN/compat-sla-install.log"
    odoo_tests compat sla --test-tags "$tags,-browser"

    copy_database example
    run_odoo "$RUN/compat-example-install.log" -d "$DB" --no-http --addons-path="$ROOT/addons,$ROOT/tests/addons" -i service_quality_example || true
    checkload compat "an addon on top of ours" "$RUN/compat-example-install.log"
    odoo_tests compat example --addons-path="$ROOT/addons,$ROOT/tests/addons" --test-tags /service_quality_example
    checklog compat "its tests" "$RUN/compat-example.log"

    copy_database life
    run_odoo "$RUN/compat-update.log" -d "$DB" --no-http -u "$ours" || true
    checkload compat update "$RUN/compat-update.log"
    # the demo's complaints are hidden, and what is hidden is not laid open
    psql_q -d "$DB" -c "update helpdesk_ticket set service_about_user_id = null, service_is_report = null, service_is_unclear = null"
    "$VENV/bin/odoo" module uninstall -d "$DB" ${ours//,/ } >"$RUN/compat-uninstall.log" 2>&1 </dev/null || true
    checkload compat uninstallation "$RUN/compat-uninstall.log"
    check compat "nothing of ours is left" "$VENV/bin/python" "$LIB/leftovers.py" "$DB" ${ours//,/ }
}

# The way "pip install": wheels of all our addons in a new environment beside Odoo, and
# a database made from them alone.
part_wheels() {
    local env=$RUN/env rc
    drop_lock
    check wheels "a wheel of each addon" "$ROOT/script/build"
    find_uv
    "$UV" venv -q --no-project --python "$PY" "$env"
    "$UV" pip sync -q --python "$env/bin/python" --require-hashes --build-constraints "$LOCK" "$LOCK"
    (VENV=$env && register_odoo)
    check wheels "pip install" "$UV" pip install -q --python "$env/bin/python" --no-index --find-links "$ROOT/dist" \
        odoo-addon-service-quality odoo-addon-service-quality-merge
    sed '/^addons_path/d' "$ODOO_RC" >"$RUN/wheels.conf"
    DB=sqtest_wheels_$$
    COPIES+=("$DB")
    ODOO_RC=$RUN/wheels.conf "$env/bin/odoo" server -d "$DB" --max-cron-threads=0 --stop-after-init --no-http -i service_quality \
        >"$RUN/wheels-install.log" 2>&1 </dev/null || true
    checkload wheels "a database from the wheels" "$RUN/wheels-install.log"
    check wheels "they are what was loaded" bash -c '"$0" shell -d "$1" --no-http --log-level=critical <<<"import odoo.addons.service_quality_core as ours; assert ours.__file__.startswith(\"$2\"), ours.__file__"' \
        "$env/bin/odoo" "$DB" "$env"
    rm -rf "$env"
}

part_lint() {
    drop_lock
    cd "$ROOT"
    local ours addon
    ours=$(our_addons)
    check lint "ruff check" "$VENV/bin/ruff" check .
    check lint "ruff format" "$VENV/bin/ruff" format --check .
    # shellcheck disable=SC2046
    check lint "pylint-odoo" "$VENV/bin/pylint" --rcfile="$ROOT/.pylintrc" --ignore-paths='.*/tests/.*' $(our_addons ' ' | xargs -n1 printf 'addons/%s ')
    # it knows tests, whose texts need no translation, in the folder tests alone
    check lint "pylint-odoo of tests" "$VENV/bin/pylint" --rcfile="$ROOT/.pylintrc" --disable=translation-required addons/*/tests
    check lint "README of each addon" "$PY_BIN" "$LIB/readme.py" --check addons/*/
    # a new database without demo data: the other way to install
    DB=sqtest_lint_$$
    COPIES+=("$DB")
    run_odoo "$RUN/lint-install.log" -d "$DB" --no-http -i "${ours//,service_quality_demo/}" || true
    checkload lint "installation without demo data" "$RUN/lint-install.log"
    run_odoo "$RUN/lint-install-lint.log" -d "$DB" --no-http -i test_lint || true
    "$PY_BIN" "$LIB/odoo_lint.py" "$ours" server -d "$DB" --no-http --http-port="$(free_port)" --max-cron-threads=0 --stop-after-init \
        --test-tags "/test_lint,-/test_lint:TestPylintChecks,-/test_lint:TestSqlLint,-/test_lint:TestGetTextLint,-/test_lint:TestI18nChecks,-/test_lint:TestESLint" \
        >"$RUN/lint-test_lint.log" 2>&1 </dev/null || true
    results odoo lint test_lint "$RUN/lint-test_lint.log"
    checklog lint test_lint "$RUN/lint-test_lint.log" --only "${ours//,/|}"
    export_terms "$RUN/pot" ${ours//,/ }
    installed lint || return 0
    for addon in ${ours//,/ }; do
        check lint "translations of $addon" "$PY_BIN" "$LIB/po.py" --check "$RUN/pot/$addon.pot" "$ROOT/addons/$addon/i18n"
    done
}
