from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.helpdesk_ticket_api import COUNTED
from odoo.addons.service_quality_core.models.roles import ROLES, group_of
from odoo.addons.service_quality_core.models.service_quality_clock import (
    LATE,
    OF_TICKETS,
)
from odoo.addons.service_quality_core.tools.instants import to_epoch, to_text

WATCHERS = tuple(
    group_of(role) for role, _label in ROLES if role not in ("executive", "sales")
)
"""The groups whose work the page shows."""

LINES = 5

READ = 3 * COUNTED
"""Service targets read to tell the tickets of a block: a ticket has a few at a time."""

SOON = timedelta(hours=1)


class ServiceQualityDesk(models.AbstractModel):
    """Shows what burns to those who watch the handling of tickets (regulation A3.5.1).

    The list that a block opens has the domain that the block is counted by. What the
    reader may not see is neither counted nor shown.
    """

    _name = "service.quality.desk"
    _description = "Service Desk: What Burns"

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    @api.readonly
    def overview(self, scope=None):
        """Return all that the page shows.

        :param scope: ``mine``, ``team`` or ``all``; else the widest one
        :return: dict with ``now`` and ``next_at`` (texts in UTC; after it something
            changes though nobody does anything; False for never), ``scope``,
            ``scopes`` (those the reader can choose), ``handovers`` (shifts that the
            next has not taken over yet), ``can_hand_over`` and ``blocks``: dicts with
            ``key``, ``count``, ``more`` (than were counted), ``model`` and ``domain``
            of the list, and ``lines``, the most urgent first
        :raise AccessError: for those who have no part in the handling
        """
        scopes = self._scopes()
        if scope not in scopes:
            scope = scopes[-1]
        now = fields.Datetime.now()
        blocks = [
            block
            for _place, block in sorted(
                self._blocks(scope, now), key=lambda placed: placed[0]
            )
        ]
        moments = [
            moment
            for block in blocks
            for moment in block.pop("moments")
            if moment and moment >= now
        ]
        return {
            "now": to_text(to_epoch(now)),
            "next_at": to_text(to_epoch(min(moments))) if moments else False,
            "scope": scope,
            "scopes": scopes,
            "handovers": self._handovers(scope),
            "can_hand_over": self.env["service.quality.handover"].has_access("create"),
            "blocks": blocks,
        }

    # ------------------------------------------------------------------
    # Access and scope
    # ------------------------------------------------------------------

    @api.model
    def _is_watched_by(self, user):
        """Return True if a user has a part in the handling of tickets."""
        return any(map(user.has_group, WATCHERS))

    @api.model
    def _scopes(self):
        """Return whose work the reader can look at, the widest last."""
        if not self._is_watched_by(self.env.user):
            raise AccessError(
                self.env._(
                    "The desk is for those who handle tickets. Ask an administrator "
                    "for a role in Service Quality if you are one of them."
                )
            )
        if self.env.user.has_group("helpdesk_mgmt.group_helpdesk_user"):
            return ["mine", "team", "all"]
        return ["mine", "team"]

    @api.model
    def _scope_domain(self, scope):
        """Return the domain of a scope, for models with ``user_id`` and ``team_id``."""
        if scope == "mine":
            return Domain("user_id", "=", self.env.uid)
        if scope == "team":
            # ids, as the database plans a comparison with them far better
            return Domain("team_id", "in", self._teams().ids)
        return Domain.TRUE

    @api.model
    def _teams(self):
        """Return the teams that the reader is a member or the leader of."""
        member = Domain("user_ids", "in", self.env.uid)
        leader = Domain("user_id", "=", self.env.uid)
        return self.env["helpdesk.ticket.team"].search(member | leader)

    # ------------------------------------------------------------------
    # Blocks
    # ------------------------------------------------------------------

    @api.model
    def _blocks(self, scope, now):
        """Return the blocks of the page, each with its place, in any order.

        Addons add theirs, and say in the browser how they look (the registry
        ``service_quality_desk.desk_blocks``).

        :return: list of pairs of a number and what ``_block`` returns
        """
        return [
            (10, self._block_late(scope)),
            (20, self._block_soon(scope, now)),
            *((50, block) for block in self._block_answered(scope)),
        ]

    @api.model
    def _block_late(self, scope):
        return self._block_of_promises("late", LATE, scope)

    @api.model
    def _block_soon(self, scope, now):
        running = Domain("burning", "in", ["running", "at_risk"]) & OF_TICKETS
        soon = (
            running & Domain("deadline", ">=", "now") & Domain("deadline", "<=", "+1H")
        )
        block = self._block_of_promises("soon", soon, scope)
        # also of those that run again only then
        coming = Domain("state", "=", "running") & Domain("verdict", "=", False)
        coming &= OF_TICKETS & Domain("deadline", ">", now + SOON)
        following = self._promises(coming, self._of_scope(scope), limit=1)
        block["moments"] += [
            max(clock.deadline - SOON, clock.running_since) for clock in following
        ]
        return block

    @api.model
    def _block_of_promises(self, key, domain, scope):
        """Return the block of tickets with a service target of a domain."""
        clocks = self._promises(domain, self._of_scope(scope), limit=READ)
        first = {}  # of each ticket
        for clock in clocks:
            first.setdefault(clock.ticket_id.id, clock)
        # who reads a service target may still be kept from its ticket
        Ticket = self.env["helpdesk.ticket"].with_context(active_test=False)
        readable = set(Ticket._search([("id", "in", list(first))]))
        found = [ticket_id for ticket_id in first if ticket_id in readable]
        block = self._block(
            key,
            Ticket._name,
            self._scope_domain(scope) & Domain("service_clock_ids", "any", domain),
            [
                self._line_of_promise(ticket, ticket, first[ticket.id])
                for ticket in Ticket.browse(found[:LINES])
            ],
            len(found),
        )
        block["more"] |= len(clocks) == READ
        return block

    @api.model
    def _block_answered(self, scope):
        """Return the block of tickets whose customers wrote after the end, if any."""
        Ticket = self.env["helpdesk.ticket"].with_context(active_test=False)
        domain = self._scope_domain(scope) & Domain(
            "service_customer_wrote_at", "!=", False
        )
        query = Ticket._search(
            domain, order="service_customer_wrote_at, id", limit=COUNTED + 1
        )
        found = query.get_result_ids()
        lines = [
            self._line(ticket, ticket)
            | {
                "what": self.env._("Customer answered"),
                "burning": "none",
                "deadline": False,
                "warning_at": False,
            }
            for ticket in Ticket.browse(found[:LINES])
        ]
        if not lines:
            return []
        return [self._block("answered", Ticket._name, domain, lines, len(found))]

    @api.model
    def _block(self, key, model, domain, lines, count):
        return {
            "key": key,
            "count": min(count, COUNTED),
            "more": count > COUNTED,
            "model": model,
            "domain": list(domain),
            "lines": lines,
            "moments": [
                fields.Datetime.to_datetime(line["deadline"]) for line in lines
            ],
        }

    @api.model
    def _promises(self, domain, tickets, limit):
        """Return service targets, the one that falls due first before.

        :param tickets: the domain that restricts their tickets
        """
        return self.env["service.quality.clock"].search_fetch(
            domain & tickets,
            [
                "ticket_id",
                "metric",
                "state",
                "verdict",
                "deadline",
                "warning_at",
                "running_since",
            ],  # fmt: skip
            order="deadline, id",
            limit=limit,
        )

    @api.model
    def _late_promises(self, tickets):
        """Return what is late of tickets of a domain, as far as one can read."""
        return self._promises(LATE, tickets, limit=READ)

    @api.model
    def _of_scope(self, scope):
        """Return the domain of a scope, for what belongs to a ticket."""
        if scope == "all":
            return Domain.TRUE
        return Domain("ticket_id", "any", self._scope_domain(scope))

    # ------------------------------------------------------------------
    # Handovers
    # ------------------------------------------------------------------

    @api.model
    def _handovers(self, scope):
        """Return the shifts that the next has not taken over, the oldest first."""
        Handover = self.env["service.quality.handover"]
        found = Handover.search(
            Handover._waiting_domain(scope), order="at, id", limit=LINES
        )
        return [
            {
                "id": handover.id,
                "name": handover.display_name,
                "at": fields.Datetime.to_string(handover.at),
                "question": handover.state == "questioned",
                # the reader's own turn: to answer or to take over
                "turn": handover.from_user_id == self.env.user
                if handover.state == "questioned"
                else handover.to_user_id == self.env.user,
            }
            for handover in found
        ]

    # ------------------------------------------------------------------
    # Lines
    # ------------------------------------------------------------------

    @api.model
    def _line_of_promise(self, record, ticket, clock):
        """Return the line of a record: its most urgent service target.

        :param clock: empty where nothing is promised
        """
        metrics = dict(
            self.env["service.quality.clock"]
            ._fields["metric"]
            ._description_selection(self.env)
        )
        return self._line(record, ticket) | {
            "what": metrics[clock.metric] if clock else "",
            "burning": clock.burning if clock else "none",
            "deadline": clock and fields.Datetime.to_string(clock.deadline),
            "warning_at": clock and fields.Datetime.to_string(clock.warning_at),
        }

    @api.model
    def _line(self, record, ticket):
        # who reads the ticket is shown these names on it
        names = ticket.sudo()
        return {
            "id": record.id,
            "number": ticket.number,
            "title": ticket.name,
            "customer": names.partner_id.display_name or ticket.partner_name or "",
            "user": names.user_id.name or "",
        }
