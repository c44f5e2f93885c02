from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.roles import group_of
from odoo.addons.service_quality_core.models.service_quality_rectify_mixin import End

STATES = [
    ("draft", "Draft"),
    ("handed_over", "Handed over"),
    ("questioned", "Question asked"),
    ("taken_over", "Shift taken over"),
]

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

WAITING = ("handed_over", "questioned")

MANAGER = group_of("service_manager")


class ServiceQualityHandover(models.Model):
    """Passes on to the next shift what is open (regulation A3.5.1).

    The one who leaves lists it and hands it over; only the next takes it over, or asks
    back first. Until then what is in hand stays with the one who leaves.
    """

    _name = "service.quality.handover"
    _description = "Shift Handover"
    _inherit = [
        "service.quality.rectify.mixin",
        "service.quality.steps.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "at desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        default=lambda self: self.env["service.quality.desk"]._teams()[:1],
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        precompute=True,
        required=True,
    )
    from_user_id = fields.Many2one(
        "res.users",
        string="Handed Over By",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        tracking=True,
    )
    to_user_id = fields.Many2one(
        "res.users",
        string="Next on Shift",
        compute="_compute_to_user_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
        tracking=True,
        help="Who takes the shift over.",
    )

    # course
    state = fields.Selection(
        STATES, required=True, readonly=True, default="draft", tracking=True
    )
    at = fields.Datetime(string="Handed Over At", readonly=True, copy=False)
    handed_by_id = fields.Many2one(
        "res.users",
        string="Handed Over in Their Place By",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Who pressed Hand Over, and does not take the shift over.",
    )
    taken_at = fields.Datetime(string="Taken Over At", readonly=True, copy=False)
    question = fields.Text(readonly=True, copy=False)
    answer = fields.Text(readonly=True, copy=False)
    is_mine_to_give = fields.Boolean(compute="_compute_whose_turn")
    is_mine_to_take = fields.Boolean(compute="_compute_whose_turn")

    # content
    note = fields.Text(help="What the next shift has to know besides.")
    line_ids = fields.One2many("service.quality.handover.line", "handover_id")
    is_cut = fields.Boolean(
        string="More Is Late", readonly=True, copy=False, help="Than is listed."
    )
    late_count = fields.Integer(string="Late Tickets", compute="_compute_counts")
    activity_count = fields.Integer(string="Activities Due", compute="_compute_counts")

    _waiting_idx = models.Index(
        "(company_id, team_id) WHERE state IN ('handed_over', 'questioned')"
    )

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("team_id.company_id")
    def _compute_company_id(self):
        for handover in self:
            handover.company_id = (
                handover.team_id.company_id or handover.company_id or self.env.company
            )

    @api.depends("team_id", "from_user_id")
    def _compute_to_user_id(self):
        """Propose who is next on duty, where that is planned and no one is chosen."""
        for handover in self:  # one is made at a time
            if not handover.to_user_id and handover.from_user_id:
                handover.to_user_id = handover._next_on_duty()

    @api.depends("team_id", "from_user_id", "to_user_id")
    def _compute_display_name(self):
        for handover in self:
            people = handover.from_user_id.name or ""
            if handover.to_user_id:
                people = f"{people} → {handover.to_user_id.name}"
            handover.display_name = " · ".join(
                filter(None, (handover.team_id.name, people))
            )

    @api.depends("from_user_id", "to_user_id", "handed_by_id")
    @api.depends_context("uid")
    def _compute_whose_turn(self):
        is_manager = self.env.user.has_group(MANAGER)
        for handover in self:
            handover.is_mine_to_give = (
                is_manager or handover.from_user_id == self.env.user
            )
            handover.is_mine_to_take = (
                handover.to_user_id == self.env.user != handover.handed_by_id
            )

    @api.depends("line_ids")
    def _compute_counts(self):
        counts = {
            (handover, kind): count
            for handover, kind, count in self.env[
                "service.quality.handover.line"
            ]._read_group(
                [("handover_id", "in", self.ids)], ["handover_id", "kind"], ["__count"]
            )
        }
        for kind, name in self._counted_kinds().items():
            for handover in self:
                handover[name] = counts.get((handover, kind), 0)

    @api.model
    def _counted_kinds(self):
        """Return the fields that count the lines of a kind, by kind; addons add."""
        return {"late": "late_count", "activity": "activity_count"}

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("from_user_id", "to_user_id")
    def _check_to_user_id(self):
        Desk = self.env["service.quality.desk"]
        for handover in self.filtered("to_user_id"):
            if handover.to_user_id == handover.from_user_id:
                raise ValidationError(
                    self.env._("A shift is handed over to somebody else. Choose who.")
                )
            if not Desk._is_watched_by(handover.to_user_id):
                raise ValidationError(
                    self.env._(
                        "%s has no role in Service Quality and could not take the "
                        "shift over. Choose somebody else.",
                        handover.to_user_id.name,
                    )
                )

    @api.constrains("team_id", "from_user_id", "state")
    def _check_one_draft(self):
        """Let who leaves a shift write one handover of it at a time."""
        # the draft of a colleague counts as well
        drafts = self.filtered(lambda handover: handover.state == "draft").sudo()
        drafts.team_id._service_lock()  # of two who begin at once, one does
        twice = drafts._read_group(
            [
                ("state", "=", "draft"),
                ("team_id", "in", drafts.team_id.ids),
                ("from_user_id", "in", drafts.from_user_id.ids),
            ],
            ["team_id", "from_user_id"],
            having=[("__count", ">", 1)],
        )
        if twice:
            raise ValidationError(
                self.env._(
                    "A handover of this shift is being written already. Reload the "
                    "page and go on with that one."
                )
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        handovers = super().create(vals_list)
        handovers._collect()
        return handovers

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint({"team_id", "from_user_id", "to_user_id"}):
            self.filtered(lambda handover: handover.state == "draft")._collect()
        return result

    @api.model
    def _step_refusal(self, label):
        return self.env._(
            "How far a handover has come is not written by hand. Use its buttons."
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_handed_over(self):
        if any(handover.state != "draft" for handover in self):
            raise UserError(
                self.env._(
                    "A handover is part of the record once it was handed over. Take it "
                    "back before you delete it, if it was not taken over yet."
                )
            )

    # ------------------------------------------------------------------
    # What is rectified
    # ------------------------------------------------------------------

    @api.model
    def _rectify_fields(self):
        return super()._rectify_fields() | {
            "note": False,
            "question": False,
            "answer": False,
            "team_id": False,
            "from_user_id": False,
            "to_user_id": False,
        }

    def _rectify_ended(self):
        return self.filtered(lambda handover: handover.state == "taken_over")

    def _rectify_ends(self):
        return {one: End(one.taken_at, one.to_user_id) for one in self}

    def _rectify_is_open_to_user(self):
        """Add who handed over, whose words they are."""
        return self.from_user_id == self.env.user or super()._rectify_is_open_to_user()

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_refresh(self):
        """List again what is open now; notes at lines that are still there stay."""
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
        self._check_not_to_oneself()
        self._set_state(
            "handed_over", at=fields.Datetime.now(), handed_by_id=self.env.uid
        )
        self._ask_next_to_take_over()
        return True

    def action_take_back(self):
        """Make a draft again of what was not taken over yet."""
        self._ensure_some()
        self._check_giver()
        self._set_state("draft", at=False, handed_by_id=False)
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

    def _collect(self):
        """List what is open at this moment in place of what was listed before."""
        Line = self.env["service.quality.handover.line"]
        for handover in self.sudo():  # no user writes lines
            kept = {line._key(): line for line in handover.line_ids}
            values, is_cut = Line._prepare_lines(handover)
            for vals in values:
                old = kept.get((vals["kind"], vals["source"]))
                if old:
                    vals.update(note=old.note, pass_on=old.pass_on)
            handover.line_ids.unlink()  # batched: one handover at a time
            # no user writes lines
            Line.sudo()._create_as_step(values)  # batched: one handover at a time
            handover._write_as_step({"is_cut": is_cut})

    def _next_on_duty(self):
        """Return whose shift for the team is the next to begin after the giver's."""
        Duty = self.env["service.quality.duty"]
        shifts = Domain("team_id", "=", self.team_id.id)
        now = fields.Datetime.now()
        giver = self.from_user_id
        own = Duty.search(
            shifts & Domain("user_id", "=", giver.id) & Domain("date_from", "<=", now),
            order="date_from desc, id",
            limit=1,
        )
        following = Duty.search(
            shifts
            & Domain("user_id", "!=", giver.id)
            & Domain("user_id.active", "=", True)
            & Domain("date_from", ">", own.date_from or now)
            & Domain("date_to", ">", now),
            order="date_from, id",
            limit=1,
        )
        return following.user_id

    # ------------------------------------------------------------------
    # Steps
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
                self.from_user_id,
                lambda own: own.env._("Answer a question about the shift"),
                text,
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

    def _check_not_to_oneself(self):
        if self.env.user in self.to_user_id:
            raise UserError(
                self.env._(
                    "Who hands a shift over does not take it over as well. Have "
                    "somebody else hand it over."
                )
            )

    def _check_next(self):
        self.check_access("read")
        if self.env.user in self.handed_by_id:
            raise AccessError(
                self.env._(
                    "You have handed this shift over, so somebody else takes it over."
                )
            )
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
                handover.to_user_id,
                lambda own: own.env._("Take the shift over"),
                note,
            )

    def _schedule_step(self, user, say, note):
        day = user.partner_id._service_day(self.company_id)
        # the next may be of another team, and is told all the same
        Activity = self.env["mail.activity"].sudo()
        Activity._service_plan([(self, user, day, say)], mails=True, note=note)

    def _activities_of_steps(self):
        return self.sudo().activity_ids  # planned for the other of the two

    # ------------------------------------------------------------------
    # Desk
    # ------------------------------------------------------------------

    @api.model
    def _waiting_domain(self, scope):
        """Return the domain of handovers that wait for the next, in a desk's scope."""
        waiting = Domain("state", "in", WAITING)
        if scope == "all":
            return waiting
        uid = self.env.uid
        own = Domain("from_user_id", "=", uid) | Domain("to_user_id", "=", uid)
        if scope == "team":
            own |= Domain(
                "team_id", "in", self.env["service.quality.desk"]._teams().ids
            )
        return waiting & own
