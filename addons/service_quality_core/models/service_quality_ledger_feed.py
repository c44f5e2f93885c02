import base64
import binascii
import json

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, frozendict

from ..tools.form_text import UNSEEN
from .arguments import Arguments
from .service_quality_clock import FOLLOWED, OPEN_STATES

MAX_ROWS = 1000
VERSION = 1

COLUMNS = (
    "id", "ticket_id", "company_id", "at", "seq", "kind", "value", "user_id", "team_id",
    "voids_id", "reason", "origin", "external_ref", "recorded_at",
)  # fmt: skip

CLOCK_COLUMNS = ("ticket_id", "target_id", "cycle", "round", "holder", *FOLLOWED)
"""What ``service_clocks`` tells of a clock besides its status."""

LEDGER_POSITION = {"home", "restored", "past", "xid", "id"}

LAST_ID = 2**31 - 1

CLOCK_POSITION = frozendict(
    restored=0, past=0, xid="0", id=0, late="", late_id=0, gone_xid="0", gone_id=0
)


RESTORED = "ledger_restored"
"""What programs know the error by, over each protocol and in each language."""


class LedgerRestored(UserError):
    """Says that a cursor is of another database, or of this one before a restore.

    What the caller has of the ledger is then no longer how it went.
    """

    http_status = 410  # Gone

    def __init__(self, message):
        super().__init__(f"{message} ({RESTORED})")
        self.context = {"code": RESTORED}


class ServiceQualityLedgerFeed(models.AbstractModel):
    """Tells other programs what is new in the ledger, so that they miss nothing.

    A cursor says how far a program has read, in transactions and not in times.
    """

    _name = "service.quality.ledger.feed"
    _description = "Service Ledger: What Is New"

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    def _changes(self, cursor, limit):
        """Return the rows that came in since a cursor; see ``service_changes``."""
        self._check_limit(limit)
        position = self._cursor_position(cursor)
        rows = []
        if position["restored"] > position["past"]:
            rows = self._restored_rows(position, limit + 1)
        if len(rows) <= limit:
            rows += self._new_rows(position, limit + 1 - len(rows))
        found = rows[:limit]
        if found:
            self._advance(position, found[-1])
        return {
            "rows": [_row_for_rpc(row) for _xid, *row in found],
            "cursor": _encode(position),
            "more": len(rows) > limit,
        }

    @api.model
    def _clocks(self, cursor, limit):
        """Return the clocks that changed since a cursor; see ``service_clocks``."""
        self._check_limit(limit)
        self.env["service.quality.clock"].check_access("read")
        position = self._clock_position(cursor)
        rows, more = [], False
        for read in (
            self._clocks_gone,  # first: what moved to another company is there
            self._clocks_all,
            self._clocks_changed,
            self._clocks_late,
        ):
            room = limit - len(rows)
            found, at_end = read(position, room + 1)
            more = len(found) > room
            for passed, row in found[:room]:
                position.update(passed)
                rows.append(row)
            if more:
                break
            position.update(at_end)
        return {
            "rows": self._clock_rows(rows),
            "cursor": _encode(position),
            "more": more,
        }

    # ------------------------------------------------------------------
    # Rows
    # ------------------------------------------------------------------

    @api.model
    def _check_limit(self, limit):
        Arguments(self.env).whole("limit", limit, 1, MAX_ROWS)

    @api.model
    def _new_rows(self, position, limit):
        """Return rows whose transaction is over, and all that were open before it."""
        event = SQL.identifier("service_quality_event")
        return self._rows_where(
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
    def _restored_rows(self, position, limit):
        """Return rows that came with a restored dump, in the order of their ids."""
        event = SQL.identifier("service_quality_event")
        return self._rows_where(
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
    def _rows_where(self, condition, order, limit):
        """Return tuples of xid and :data:`COLUMNS` of rows that the caller may read."""
        Event = self.env["service.quality.event"]
        query = Event._search([], order="id")  # the record rules
        query.add_where(condition)
        query.order, query.limit = order, limit
        columns = [SQL.identifier(query.table, name) for name in COLUMNS]
        xid = SQL("%s::text", SQL.identifier(query.table, "xid"))
        return self.env.execute_query(query.select(xid, *columns))

    # ------------------------------------------------------------------
    # Clocks: each reader returns what it found, as (where the cursor has passed then,
    # row), and where the cursor is when there is no more
    # ------------------------------------------------------------------

    @api.model
    def _clocks_gone(self, position, limit):
        """Read the clocks that were deleted, or moved to another company."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT xid::text, id, clock_id, ticket_id, company_id
                  FROM service_quality_clock_gone
                 WHERE xid < pg_snapshot_xmin(pg_current_snapshot())
                   AND (xid, id) > (%s::xid8, %s) AND company_id = ANY(%s)
                 ORDER BY service_quality_clock_gone.xid, id
                 LIMIT %s
                """,
                position["gone_xid"],
                position["gone_id"],
                self.env.companies.ids,
                limit,
            )
        )
        return [
            ({"gone_xid": xid, "gone_id": row_id}, (clock_id, ticket_id, company_id))
            for xid, row_id, clock_id, ticket_id, company_id in rows
        ], {}

    @api.model
    def _clocks_all(self, position, limit):
        """Read all clocks that there are, once."""
        if position["past"] < 0:
            return [], {}
        clock = SQL.identifier("service_quality_clock")
        rows = self._clocks_where(
            SQL("%s.id > %s", clock, position["past"]), SQL("%s.id", clock), limit
        )
        return [({"past": row_id}, row_id) for _xid, row_id, _at in rows], {"past": -1}

    @api.model
    def _clocks_changed(self, position, limit):
        """Read the clocks that a transaction that is over has written since."""
        clock = SQL.identifier("service_quality_clock")
        rows = self._clocks_where(
            SQL(
                "%(clock)s.xid < pg_snapshot_xmin(pg_current_snapshot())"
                " AND (%(clock)s.xid, %(clock)s.id) > (%(xid)s::xid8, %(id)s)",
                clock=clock,
                xid=position["xid"],
                id=position["id"],
            ),
            SQL("%(clock)s.xid, %(clock)s.id", clock=clock),
            limit,
        )
        return [({"xid": xid, "id": row_id}, row_id) for xid, row_id, _at in rows], {}

    @api.model
    def _clocks_late(self, position, limit):
        """Read the clocks that went late since: no row says so, time does."""
        clock = SQL.identifier("service_quality_clock")
        now = fields.Datetime.to_string(fields.Datetime.now())
        rows = self._clocks_where(
            SQL(
                "%(clock)s.state IN %(states)s AND %(clock)s.deadline < %(now)s"
                " AND (%(clock)s.deadline, %(clock)s.id) > (%(late)s, %(id)s)",
                clock=clock,
                states=OPEN_STATES,
                now=now,
                late=position["late"],
                id=position["late_id"],
            ),
            SQL("%(clock)s.deadline, %(clock)s.id", clock=clock),
            limit,
        )
        found = [
            ({"late": fields.Datetime.to_string(at), "late_id": row_id}, row_id)
            for _xid, row_id, at in rows
        ]
        return found, {"late": now, "late_id": 0}

    @api.model
    def _clocks_where(self, condition, order, limit):
        """Return (xid, id, deadline) of clocks that the caller may read."""
        Clock = self.env["service.quality.clock"]
        query = Clock._search([], order="id")  # the record rules
        query.add_where(condition)
        query.order, query.limit = order, limit
        columns = [SQL.identifier(query.table, name) for name in ("id", "deadline")]
        xid = SQL("%s::text", SQL.identifier(query.table, "xid"))
        return self.env.execute_query(query.select(xid, *columns))

    @api.model
    def _clock_rows(self, rows):
        """Return clocks as they stand in types that every protocol carries.

        :param rows: list of clock ids, or (clock id, ticket id, company id) of those
            that are gone
        """
        names = ("id", "ticket_id", "company_id")
        Clock = self.env["service.quality.clock"]
        clocks = Clock.browse([row for row in rows if isinstance(row, int)])
        told = {clock.id: _clock_for_rpc(clock) for clock in clocks}
        return [
            told[row]
            if isinstance(row, int)
            else dict(zip(names, row, strict=True)) | {"gone": True}
            for row in rows
        ]

    # ------------------------------------------------------------------
    # Cursor
    # ------------------------------------------------------------------

    @api.model
    def _clock_position(self, cursor):
        """Return where a cursor of the clocks points to, as a dict of its parts.

        ``past`` is the last clock that was told while all were, -1 after that; ``xid``
        and ``id`` the last change, ``late`` and ``late_id`` the last deadline that
        passed, ``gone_xid`` and ``gone_id`` the last clock that went.
        """
        if cursor:
            return self._cursor_position(cursor, CLOCK_POSITION)
        [[xid]] = self.env.execute_query(
            SQL("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1")
        )
        # what is over by now is told with all there are
        return CLOCK_POSITION | {
            "home": self._home(),
            "xid": str(xid),
            "id": LAST_ID,
            "gone_xid": str(xid),
            "gone_id": LAST_ID,
            "late": fields.Datetime.to_string(fields.Datetime.now()),
        }

    @api.model
    def _cursor_position(self, cursor, kind=None):
        """Return where a cursor points to, as a dict of its parts.

        ``restored`` is the last id that came with a dump from a cluster which counted
        its transactions further than this one has: those rows are read by id, before
        the others. ``past`` is the last of them that was handed out.
        """
        if not cursor:
            home = self._home()
            restored = self._restored_until()
            return {"home": home, "restored": restored, "past": 0, "xid": "0", "id": 0}
        position = _decode(cursor, kind or ())
        if position is None:
            raise ValidationError(
                self.env._(
                    "This is not a cursor of this method. Give back the text of its "
                    'last answer, or "" to start from the beginning.'
                )
            )
        if position["home"] != self._home() or (self._lies_ahead(position["xid"])):
            raise LedgerRestored(
                self.env._(
                    "The cursor is of another database, or of this one before it was "
                    'restored. Forget the rows that you have and start again with "".'
                )
            )
        return position

    @api.model
    def _advance(self, position, last):
        xid, row_id, *_values = last
        if row_id <= position["restored"]:
            position["past"] = row_id
        else:
            position.update(past=position["restored"], xid=xid, id=row_id)

    @api.model
    def _home(self):
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
    def _restored_until(self):
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
    def _lies_ahead(self, xid):
        """Return True if a transaction is one that has not begun here yet."""
        [[ahead]] = self.env.execute_query(
            SQL("SELECT %s::xid8 >= pg_snapshot_xmax(pg_current_snapshot())", xid)
        )
        return ahead


def _encode(position):
    text = json.dumps([VERSION, position], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode()


def _decode(cursor, kind=()):
    """Return the position of a cursor, None for what is none.

    :param kind: what a cursor of another kind than the ledger's has beside
    """
    try:
        version, position = json.loads(base64.urlsafe_b64decode(cursor))
        position["xid"] = str(int(position["xid"]))
        numbers = [position[name] for name in ("restored", "past", "id")]
        numbers.append(int(position["xid"]))
        if position.keys() != LEDGER_POSITION.union(kind):
            return None
        if kind:
            position["gone_xid"] = str(int(position["gone_xid"]))
            numbers += [position["late_id"], position["gone_id"]]
            numbers.append(int(position["gone_xid"]))
            late = fields.Datetime.to_datetime(position["late"])
            position["late"] = fields.Datetime.to_string(late)
        whole = all(type(one) is int and -1 <= one < 2**63 for one in numbers)
        known = version == VERSION and position["home"] and position.get("late", True)
        return position if known and whole else None
    except (binascii.Error, ValueError, TypeError, KeyError, AttributeError):
        return None


def _clock_for_rpc(clock):
    row = {"id": clock.id, "gone": False, "status": clock.burning}
    for name in CLOCK_COLUMNS:
        value = clock[name]
        if clock._fields[name].type == "many2one":
            value = value.id
        elif clock._fields[name].type == "datetime":
            value = value and fields.Datetime.to_string(value)
        row[name] = value
    return row


def _row_for_rpc(values):
    """Return a row in types that every protocol carries."""
    row = dict(zip(COLUMNS, values, strict=True))
    row["value"] = {k: v for k, v in (row["value"] or {}).items() if v is not None}
    for name in ("at", "recorded_at"):
        row[name] = fields.Datetime.to_string(row[name])
    return {
        name: False if value is None else _carried(value) for name, value in row.items()
    }


def _carried(value):
    """Return a text without what ends a document in XML, anything else as it is."""
    return UNSEEN.sub("", value) if isinstance(value, str) else value
