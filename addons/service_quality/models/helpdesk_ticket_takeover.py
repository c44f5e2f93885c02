from odoo import models

from ..tools.metrics import HANDLED_PHASES


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
        stages, users = (
            self._service_tracked("stage_id"),
            self._service_tracked("user_id"),
        )
        answers = self._service_past_answers()
        Stage = self.env["helpdesk.ticket.stage"].with_context(active_test=False)
        phases = {stage.id: stage._service_phase() for stage in Stage.search([])}
        rows = []
        for ticket in self:
            ticket.service_opened_at = opened = ticket.create_date.replace(
                microsecond=0
            )
            snapshot = snapshots[ticket.id]
            moves, holders = stages.get(ticket.id, []), users.get(ticket.id, [])
            first = phases.get(moves[0][1], "new") if moves else snapshot.phase
            value = self._service_matched_value(snapshot)
            value.update(
                phase=first,
                party=None,
                user=holders[0][1] if holders else snapshot.user,
                team=snapshot.team,
            )
            found = [("opened", value, opened)]
            found += [
                ("phase", {"phase": phases.get(new, "active"), "party": None}, at)
                for at, _old, new in moves
            ]
            found += [
                ("assigned", {"user": new, "team": snapshot.team}, at)
                for at, _old, new in holders
            ]
            found += [("responded", {}, at) for at in answers.get(ticket.id, [])]
            found.sort(key=lambda row: row[2])
            last = [value["phase"] for kind, value, _at in found if "phase" in value][
                -1
            ]
            if last != snapshot.phase:
                at = ticket.closed_date if snapshot.phase in HANDLED_PHASES else None
                at = max(at or ticket.last_stage_update or opened, found[-1][2])
                found.append(
                    ("phase", {"phase": snapshot.phase, "party": snapshot.party}, at)
                )
            rows += [
                ticket._service_row(*row) | {"origin": "migration"} for row in found
            ]
        # the ledger writes to the table itself, and forgets what is in memory
        self.flush_recordset(["service_opened_at"])
        self.env["service.quality.ledger"]._append(rows, fresh=True)

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
        for message in messages:
            if message._service_is_answer():
                at = message.date.replace(microsecond=0)
                found.setdefault(message.res_id, []).append(at)
        return found
