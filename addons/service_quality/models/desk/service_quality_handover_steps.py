from odoo import fields, models
from odoo.exceptions import AccessError, UserError

TRANSITIONS = frozenset(
    {
        ("draft", "handed_over"),
        ("handed_over", "questioned"),
        ("questioned", "handed_over"),
        ("handed_over", "taken_over"),
        ("questioned", "taken_over"),
        ("handed_over", "draft"),
        ("questioned", "draft"),
    }
)


class ServiceQualityHandover(models.Model):
    """The steps of a handover, each by the one of the two whose turn it is."""

    _inherit = "service.quality.handover"

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_refresh(self):
        """List anew what is open now; notes at lines that are still there stay."""
        self._ensure_some()
        self._check_giver()
        self._check_draft()
        self._collect()
        return True

    def action_hand_over(self):
        """Hand over to the next what is open at this moment."""
        self._ensure_some()
        self._check_giver()
        self._check_draft()
        for handover in self:
            if not handover.to_user_id:
                raise UserError(self.env._("Choose to whom the shift is handed over."))
        self._collect()
        self._service_check_filled_in("note")
        self.line_ids._service_check_filled_in("note")
        self._set_state("handed_over", at=fields.Datetime.now())
        self._ask_next_to_take_over()
        return True

    def action_take_back(self):
        """Make a draft again of what was not taken over yet."""
        self._ensure_some()
        self._check_giver()
        self._set_state("draft", at=False)
        self._activities_of_steps().unlink()
        return True

    def action_take_over(self):
        """Take the shift over, with what was marked to be passed on."""
        self._ensure_some()
        self._check_next()
        self._set_state("taken_over", taken_at=fields.Datetime.now())
        self._activities_of_steps().action_feedback()
        for handover in self.sudo():  # what it names was given by who had it
            handover.line_ids._pass_on(handover.from_user_id, handover.to_user_id)
        return True

    def action_ask(self):
        """Open the dialog in which the next asks back."""
        self._ensure_some()
        self._check_next()
        return self._action_say(self.env._("Ask Back"))

    def action_answer(self):
        """Open the dialog in which a question is answered."""
        self._ensure_some()
        self._check_giver()
        return self._action_say(self.env._("Answer"))

    def _action_say(self, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "service.quality.handover.say",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_handover_id": self.id},
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _say(self, text):
        """Ask back as the next, or answer as who leaves."""
        self.ensure_one()
        if self.state == "questioned":
            self._check_giver()
            self._set_state("handed_over", answer=text)
            self._ask_next_to_take_over(text)
        else:
            self._check_next()
            self._set_state("questioned", question=text, answer=False)
            self._activities_of_steps().unlink()
            self._schedule_step(
                self.from_user_id, self.env._("Answer a question about the shift"), text
            )
        self.message_post(body=text)

    def _set_state(self, state, **values):
        """Go a step further and tell the desks."""
        self._service_lock()  # of two at once, one goes
        for handover in self:
            if (handover.state, state) not in TRANSITIONS:
                label = dict(self._fields["state"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "The handover %(name)s is in the state %(state)s, so this is "
                        "not possible. Reload the page.",
                        name=handover.display_name,
                        state=label[handover.state],
                    )
                )
        # each step has checked whose it is
        self.sudo()._write_as_step({"state": state} | values)
        self.env["service.quality.desk.nudge"]._after_commit(self.company_id.ids)

    def _check_giver(self):
        self.check_access("read")
        if not all(self.mapped("is_mine_to_give")):
            raise AccessError(
                self.env._(
                    "Only who leaves the shift, or a service manager, does this."
                )
            )

    def _check_next(self):
        self.check_access("read")
        if not all(self.mapped("is_mine_to_take")):
            raise AccessError(
                self.env._("Only the next, to whom it is handed over, does this.")
            )

    def _check_draft(self):
        if any(handover.state != "draft" for handover in self):
            raise UserError(
                self.env._("This was handed over already. Take it back to change it.")
            )

    # ------------------------------------------------------------------
    # Activities
    # ------------------------------------------------------------------

    def _ask_next_to_take_over(self, note=""):
        self._activities_of_steps().unlink()
        for handover in self:
            handover._schedule_step(
                handover.to_user_id, self.env._("Take the shift over"), note
            )

    def _schedule_step(self, user, summary, note):
        # the next may be of another team, and is told all the same
        self.sudo().activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=user.partner_id._service_day(self.company_id),
            summary=summary,
            note=note,
            user_id=user.id,
        )

    def _activities_of_steps(self):
        return self.sudo().activity_ids  # planned for the other of the two
