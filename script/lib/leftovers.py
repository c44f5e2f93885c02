"""After an uninstallation: nothing of the addons may be left in the database.

usage: leftovers.py DATABASE ADDON...
"""

import sys

import psycopg2

# what to look for, and the statement that finds it; %(addons)s names our addons
TRACES = {
    "module that is not uninstalled": (
        "select name from ir_module_module where name = any(%(addons)s) and state <> 'uninstalled'"
    ),
    "record": (
        "select module || '.' || name from ir_model_data where module = any(%(addons)s)"
    ),
    "model": "select model from ir_model where model like 'service.quality.%%'",
    "table": (
        "select relname from pg_class where relkind in ('r', 'v', 'm') and relname like 'service\\_quality%%'"
    ),
    "column": (
        "select table_name || '.' || column_name from information_schema.columns"
        " where table_schema = 'public' and column_name like 'service\\_%%'"
        " and table_name not like 'iap\\_%%'"
    ),
    "trigger": (
        "select tgname from pg_trigger where not tgisinternal and tgname like '%%service%%'"
    ),
    "function": (
        "select proname from pg_proc where pronamespace = 'public'::regnamespace"
        " and proname like '%%service_quality%%'"
    ),
    "scheduled action": (
        "select s.name->>'en_US' from ir_cron c join ir_act_server s on s.id = c.ir_actions_server_id"
        " join ir_model m on m.id = s.model_id where m.model like 'service.quality.%%'"
    ),
}


def main(database, *addons):
    found = 0
    with psycopg2.connect(dbname=database) as connection, connection.cursor() as cursor:
        for what, statement in TRACES.items():
            cursor.execute(statement, {"addons": list(addons)})
            for (name,) in cursor.fetchall():
                found += 1
                print(f"left behind: {what} {name}")
        cursor.execute("select count(*) from helpdesk_ticket")
        if not cursor.fetchone()[0]:
            found += 1
            print("the demo tickets of helpdesk_mgmt are gone")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
