import logging
from functools import partial

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.isolation import run_isolated
from .helpdesk_ticket_stage import PHASES
from .roles import STAFF

_logger = logging.getLogger(__name__)

WAITING = [phase for phase in PHASES if phase[0].startswith("waiting_")]
WAITING_PHASES = dict(WAITING)

LONGEST_WAIT = relativedelta(years=1)


class ServiceQualityTicketHoldMixin(models.AbstractModel):
    """Puts tickets on hold, also until a moment at which the pause ends by itself.

    The end is in the row of the ledger that begins the pause, so that clocks go on at
    that second whether or not a job runs; the job only moves the ticket's stage.
    """

    _name = "service.quality.ticket.hold.mixin"
    _description = "Tickets on Hold"

    service_waits_until = fields.Datetime(
        string="Waiting Until",
        copy=False,
        groups=STAFF,
        help="When the pause ends by itself, at most a year ahead. The ticket is then "
        "in progress again.",
    )

    _service_waits_until_idx = models.Index(
        "(service_waits_until) WHERE service_waits_until IS NOT NULL"
    )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("service_waits_until")
    def _check_service_waits_until(self):
        now = fields.Datetime.now()
        for ticket in self.filtered("service_waits_until"):
            if ticket.stage_id._service_phase() not in WAITING_PHASES:
                raise ValidationError(
                    self.env._(
                        "Ticket %s does not wait. Move it to a stage that does, or "
                        "leave the end of waiting empty.",
                        ticket.number,
                    )
                )
            if not now < ticket.service_waits_until <= now + LONGEST_WAIT:
                raise ValidationError(
                    self.env._(
                        "A ticket waits until a moment after now and within a year. "
                        "Enter another one, or leave it empty."
                    )
                )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _service_until(self, phase):
        """Return the text of when the ticket's pause ends by itself, None for never."""
        if phase in WAITING_PHASES and self.service_waits_until:
            return fields.Datetime.to_string(self.service_waits_until)
        return None

    @api.model
    def _service_phase_value(self, snapshot):
        """Return what a row says of the phase of a snapshot."""
        value = {"phase": snapshot.phase, "party": snapshot.party}
        return value | {"until": snapshot.until} if snapshot.until else value

    def _service_forget_until(self, before, after):
        """Empty the end of a pause that is over: a next one has its own.

        :param before: dict of ticket id to snapshot; ``after`` likewise, changed here
        """
        over = self.browse()
        for ticket in self:
            old, new = before[ticket.id], after[ticket.id]
            moved = (old.phase, old.party) != (new.phase, new.party)
            if moved and old.until and new.until in (None, old.until):
                over |= ticket
                after[ticket.id] = new._replace(until=None)
        if over:
            over._write_as_step({"service_waits_until": False})

    @api.model
    def _service_next_end_of_pause(self):
        """Return when the next pause ends by itself, None if none does."""
        return (
            self.with_context(active_test=False)
            .search(
                [("service_waits_until", "!=", False)],
                order="service_waits_until",
                limit=1,
            )
            .service_waits_until
        )

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.model
    def _service_end_pauses(self, limit):
        """Move tickets whose pause is over to where they are worked on.

        :return: how many there were
        """
        Ticket = self.with_context(active_test=False)
        over = Ticket.search(
            [("service_waits_until", "<=", fields.Datetime.now())],
            order="service_waits_until, id",
            limit=limit,
        )
        Stage = self.env["helpdesk.ticket.stage"]
        for team, tickets in over.grouped("team_id").items():
            stage = Stage._service_stage(["active", "new"], team)
            if not stage:
                _logger.warning("No stage to go on in for the tickets %s", tickets.ids)
                continue
            tickets._service_move_safely(stage)
        # where they could not be moved, their clocks go on all the same
        over._write_as_step({"service_waits_until": False})
        return len(over)

    def _service_move_safely(self, stage):
        """Move tickets to a stage; one that refuses does not keep the others back."""
        move = partial(self.write, {"stage_id": stage.id})
        if run_isolated(self.env.cr, f"end of the pause of tickets {self.ids}", move):
            for ticket in self if len(self) > 1 else ():
                ticket._service_move_safely(stage)
