import base64
import binascii
import json

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

MAX_ROWS = 1000
VERSION = 1

COLUMNS = (
    "id", "ticket_id", "company_id", "at", "seq", "kind", "value", "user_id", "team_id",
    "voids_id", "reason", "origin", "external_ref", "recorded_at",
)  # fmt: skip


class HelpdeskTicket(models.Model):
    """Tell other programs what is new in the ledger, so that they miss nothing."""

    _inherit = "helpdesk.ticket"

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    def service_changes(self, cursor="", limit=500):
        """Return the rows of the ledger that came in since the last call.

        Rows come in the order of their transactions, each once, and only when no
        transaction is open any more that could still put one before them: what is
        committed late is late, never lost. A transaction that stays open, in any
        database of the cluster, holds newer rows back until it ends.

        Keep the cursor and give it back next time, also when ``rows`` is empty. A
        ticket deleted fresh takes its one row along, and rows of a company that the
        caller may see from now on do not come again: start from "" for these.

        :param cursor: "" for the beginning, then the text of the last answer
        :param limit: how many rows at most, 1 to 1,000
        :return: dict ``{"rows", "cursor", "more"}``. Rows are dicts with ``id``,
            ``ticket_id``, ``company_id``, ``at`` and ``recorded_at`` (texts
            ``YYYY-MM-DD HH:MM:SS``, UTC), ``seq``, ``kind``, ``value`` (a dict without
            empty keys), ``user_id``, ``team_id``, ``voids_id``, ``reason``, ``origin``
            and ``external_ref``; what is not there is False. ``more``: call again at
            once.
        :raise AccessError: for who may not read the ledger; rows of tickets or
            companies that the caller may not read are left out
        :raise UserError: when the database is not the one that the cursor is of, as
            after a restore: forget the cursor and all rows, and start again
        """
        if not isinstance(limit, int) or not 1 <= limit <= MAX_ROWS:
            raise ValidationError(
                self.env._("The limit is a number from 1 to %s.", MAX_ROWS)
            )
        position = self._service_cursor_position(cursor)
        rows = []
        if position["restored"] > position["past"]:
            rows = self._service_changes_restored(position, limit + 1)
        if len(rows) <= limit:
            rows += self._service_changes_new(position, limit + 1 - len(rows))
        found = rows[:limit]
        if found:
            self._service_cursor_advance(position, found[-1])
        return {
            "rows": [_row_for_rpc(row) for _xid, *row in found],
            "cursor": _encode(position),
            "more": len(rows) > limit,
        }

    # ------------------------------------------------------------------
    # Rows
    # ------------------------------------------------------------------

    @api.model
    def _service_changes_new(self, position, limit):
        """Return rows whose transaction is over, and all that were open before it."""
        event = SQL.identifier("service_quality_event")
        return self._service_changes_rows(
            SQL(
                "%(event)s.xid < pg_snapshot_xmin(pg_current_snapshot())"
                " AND (%(event)s.xid, %(event)s.id) > (%(xid)s::xid8, %(id)s)"
                " AND %(event)s.id > %(restored)s",
                event=event,
                xid=position["xid"],
                id=position["id"],
                restored=position["restored"],
            ),
            SQL("%(event)s.xid, %(event)s.id", event=event),
            limit,
        )

    @api.model
    def _service_changes_restored(self, position, limit):
        """Return rows that came with a restored dump, in the order of their ids."""
        event = SQL.identifier("service_quality_event")
        return self._service_changes_rows(
            SQL(
                "%(event)s.id > %(past)s AND %(event)s.id <= %(restored)s",
                event=event,
                past=position["past"],
                restored=position["restored"],
            ),
            SQL("%s.id", event),
            limit,
        )

    @api.model
    def _service_changes_rows(self, condition, order, limit):
        """Return tuples of xid and :data:`COLUMNS` of rows that the caller may read."""
        Event = self.env["service.quality.event"]
        query = Event._search([], order="id")  # the record rules
        query.add_where(condition)
        query.order, query.limit = order, limit
        columns = [SQL.identifier(query.table, name) for name in COLUMNS]
        xid = SQL("%s::text", SQL.identifier(query.table, "xid"))
        return self.env.execute_query(query.select(xid, *columns))

    # ------------------------------------------------------------------
    # Cursor
    # ------------------------------------------------------------------

    @api.model
    def _service_cursor_position(self, cursor):
        """Return where a cursor points to, as a dict of its parts.

        ``restored`` is the last id that came with a dump from a cluster which counted
        its transactions further than this one has: those rows are read by id, before
        the others. ``past`` is the last of them that was handed out.
        """
        if not cursor:
            home = self._service_ledger_home()
            restored = self._service_restored_until()
            return {"home": home, "restored": restored, "past": 0, "xid": "0", "id": 0}
        position = _decode(cursor)
        if position is None:
            raise ValidationError(
                self.env._(
                    "This is not a cursor of service_changes. Give back the text of "
                    'the last answer, or "" to start from the beginning.'
                )
            )
        if position["home"] != self._service_ledger_home() or (
            self._service_lies_ahead(position["xid"])
        ):
            raise UserError(
                self.env._(
                    "The cursor is of another database, or of this one before it was "
                    'restored. Forget the rows that you have and start again with "".'
                )
            )
        return position

    @api.model
    def _service_cursor_advance(self, position, last):
        xid, row_id, *_values = last
        if row_id <= position["restored"]:
            position["past"] = row_id
        else:
            position.update(past=position["restored"], xid=xid, id=row_id)

    @api.model
    def _service_ledger_home(self):
        """Return what tells this database from a copy of it.

        The cluster's identifier where the server lets us read it; the number of the
        database changes with each restore into a new one.
        """
        [[home]] = self.env.execute_query(
            SQL(
                """
                SELECT concat_ws(
                    '/',
                    CASE WHEN has_function_privilege('pg_control_system()', 'execute')
                         THEN (SELECT system_identifier FROM pg_control_system()) END,
                    (SELECT oid FROM pg_database WHERE datname = current_database())
                )
                """
            )
        )
        # a copy made for another purpose gets a new one; read by no user
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        return f"{home}/{uuid}"

    @api.model
    def _service_restored_until(self):
        """Return the highest id of a row from transactions that are still to come."""
        [[found]] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(max(id), 0) FROM service_quality_event
                 WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())
                   AND xid IS DISTINCT FROM pg_current_xact_id_if_assigned()
                """
            )
        )
        return found

    @api.model
    def _service_lies_ahead(self, xid):
        """Tell whether a transaction is one that has not begun here yet."""
        [[ahead]] = self.env.execute_query(
            SQL("SELECT %s::xid8 >= pg_snapshot_xmax(pg_current_snapshot())", xid)
        )
        return ahead


def _encode(position):
    text = json.dumps([VERSION, position], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode()


def _decode(cursor):
    """Return the position of a cursor, None for what is none."""
    try:
        version, position = json.loads(base64.urlsafe_b64decode(cursor))
        position["xid"] = str(int(position["xid"]))
        numbers = [position[name] for name in ("restored", "past", "id")]
        whole = all(isinstance(number, int) for number in numbers)
        return position if version == VERSION and whole and position["home"] else None
    except (binascii.Error, ValueError, TypeError, KeyError):
        return None


def _row_for_rpc(values):
    """Return a row in types that every protocol carries."""
    row = dict(zip(COLUMNS, values, strict=True))
    row["value"] = {k: v for k, v in (row["value"] or {}).items() if v is not None}
    for name in ("at", "recorded_at"):
        row[name] = fields.Datetime.to_string(row[name])
    return {name: False if value is None else value for name, value in row.items()}
