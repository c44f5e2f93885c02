from odoo import models

from ...tools.core.metrics import HANDLED_PHASES


class HelpdeskTicket(models.Model):
    """Write the history of tickets that were there before the ledger was."""

    _inherit = "helpdesk.ticket"

    def _service_take_over(self):
        """Take the history from what the tickets know: tracked values and messages.

        Stages and assignees come from the tracked changes, first responses from the
        messages of agents; what was not tracked is not invented, but a last row
        brings the ledger to where the ticket stands now.
        """
        snapshots = self._service_snapshots()
        stages = self._service_tracked("stage_id")
        users = self._service_tracked("user_id")
        answers = self._service_past_answers()
        Stage = self.env["helpdesk.ticket.stage"].with_context(active_test=False)
        phases = {stage.id: stage._service_phase() for stage in Stage.search([])}
        rows = []
        for ticket in self:
            ticket.service_opened_at = ticket.create_date.replace(microsecond=0)
            moves = [
                (at, phases.get(old, "new"), phases.get(new, "active"))
                for at, old, new in stages.get(ticket.id, ())
            ]
            rows += ticket._service_past_rows(
                snapshots[ticket.id],
                moves,
                users.get(ticket.id, []),
                answers.get(ticket.id, []),
            )
        self.env["service.quality.ledger"]._append(rows, fresh=True)

    def _service_past_rows(self, snapshot, moves, holders, answers):
        """Return the rows of one ticket's past.

        :param snapshot: where the ticket stands now
        :param moves: ``[(at, old phase, new phase)]``, oldest first
        :param holders: ``[(at, old user id, new user id)]``, oldest first
        :param answers: when agents answered
        """
        self.ensure_one()
        opened = self.service_opened_at
        value = self._service_matched_value(snapshot) | {
            "phase": moves[0][1] if moves else snapshot.phase,
            "party": None,
            "user": holders[0][1] if holders else snapshot.user,
            "team": snapshot.team,
        }
        later = [
            *(("phase", {"phase": new, "party": None}, at) for at, _old, new in moves),
            *(
                ("assigned", {"user": new, "team": snapshot.team}, at)
                for at, _old, new in holders
            ),
            *(("responded", {}, at) for at in answers),
        ]
        # what is said to have happened before the opening, happened at the opening
        later = [(kind, content, max(at, opened)) for kind, content, at in later]
        later.sort(key=lambda row: row[2])
        rows = [("opened", value, opened), *later]
        if (moves[-1][2] if moves else value["phase"]) != snapshot.phase:
            at = self.closed_date if snapshot.phase in HANDLED_PHASES else None
            at = max(at or self.last_stage_update or opened, rows[-1][2])
            rows.append(
                ("phase", {"phase": snapshot.phase, "party": snapshot.party}, at)
            )
        if holders and holders[-1][2] != snapshot.user:
            at = max(self.assigned_date or opened, rows[-1][2])
            held = {"user": snapshot.user, "team": snapshot.team}
            rows.append(("assigned", held, at))
        return [self._service_row(*row) | {"origin": "migration"} for row in rows]

    def _service_tracked(self, field_name):
        """Return the tracked changes of a many2one field, oldest first.

        :return: dict of ticket id to ``[(at, old id or None, new id or None)]``
        """
        values = self.env["mail.tracking.value"].search(
            [
                ("mail_message_id.model", "=", self._name),
                ("mail_message_id.res_id", "in", self.ids),
                ("field_id.name", "=", field_name),
            ],
            order="id",
        )
        found = {}
        for value in values:
            message = value.mail_message_id
            at = message.date.replace(microsecond=0)
            change = (
                at,
                value.old_value_integer or None,
                value.new_value_integer or None,
            )
            found.setdefault(message.res_id, []).append(change)
        return found

    def _service_past_answers(self):
        """Return when agents answered: dict of ticket id to a list of times."""
        messages = self.env["mail.message"].search(
            [("model", "=", self._name), ("res_id", "in", self.ids)], order="date, id"
        )
        found = {}
        tickets = {ticket.id: ticket for ticket in self}
        for message in messages:
            ticket = tickets[message.res_id]
            if message._service_is_answer() and message._service_is_for(ticket):
                at = message.date.replace(microsecond=0)
                found.setdefault(message.res_id, []).append(at)
        return found
