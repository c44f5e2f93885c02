from odoo import api, fields, models
from odoo.exceptions import UserError

from .arguments import Arguments

BATCH = 500
AT_ONCE = 1000


class ServiceQualityCheck(models.Model):
    """Checks the ledger: it folds tickets again and lists what is stored differently.

    It writes nothing but its own findings. No difference is the only good answer.
    """

    _name = "service.quality.check"
    _description = "Check of the Ledger"
    _inherit = ["service.quality.steps.mixin"]
    _order = "id desc"
    _rec_name = "create_date"

    state = fields.Selection(
        [("running", "Running"), ("done", "Done")],
        required=True,
        readonly=True,
        default="running",
    )
    company_id = fields.Many2one(
        "res.company", readonly=True, default=lambda self: self.env.company
    )
    ticket_ids = fields.Many2many(
        "helpdesk.ticket",
        string="Chosen Tickets",
        ondelete="restrict",
        help="None: all of the company.",
    )
    final_ticket = fields.Integer(
        readonly=True, help="The newest ticket when the check was asked for."
    )
    last_ticket = fields.Integer(readonly=True, help="The id reached so far.")
    ticket_count = fields.Integer(string="Tickets", readonly=True)
    checked_count = fields.Integer(string="Checked", readonly=True)
    progress = fields.Float(compute="_compute_progress")
    line_ids = fields.One2many(
        "service.quality.check.line", "check_id", string="Differences", readonly=True
    )
    difference_count = fields.Integer(compute="_compute_difference_count")

    @api.depends("ticket_count", "checked_count")
    def _compute_progress(self):
        for check in self:
            share = (
                check.checked_count / check.ticket_count if check.ticket_count else 1
            )
            check.progress = 100 * share

    @api.depends("line_ids")
    def _compute_difference_count(self):
        for check in self:
            check.difference_count = len(check.line_ids)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # what it finds is not for its maker to say
        vals_list = [{"ticket_ids": vals.get("ticket_ids") or []} for vals in vals_list]
        checks = super().create(vals_list)
        newest = self._all_tickets().search([], order="id desc", limit=1)
        checks_sudo = checks.sudo()  # no user writes the findings
        checks_sudo._write_as_step({"final_ticket": newest.id})
        for check in checks_sudo:
            domain = check._domain()
            count = self._all_tickets().search_count(domain)  # batched: one at a time
            check._write_as_step({"ticket_count": count})
        if checks:
            # it begins at once, whatever its maker may start
            self.env.ref("service_quality_core.ir_cron_check_ledger").sudo()._trigger()
        return checks

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    @api.model
    def check_tickets(self, ticket_ids):
        """Check chosen tickets at once.

        :param ticket_ids: ids of at most 1,000 tickets
        :return: list of dicts ``{"ticket_id", "what", "stored", "rebuilt"}``; empty is
            the only good answer
        :raise AccessError: without the right to run checks
        :raise UserError: for more tickets than that
        """
        self.check_access("create")
        ticket_ids = Arguments(self.env).ids("ticket_ids", ticket_ids)
        if len(ticket_ids) > AT_ONCE:
            raise UserError(
                self.env._(
                    "At most %s tickets are checked at once. Send fewer, or create a "
                    "check, which works through all of them.",
                    AT_ONCE,
                )
            )
        tickets = self.env["helpdesk.ticket"].browse(ticket_ids)
        tickets.check_access("read")
        # what is told of a ticket that one may read is the same for everybody
        return self.env["service.quality.ledger"].sudo()._differences(tickets.ids)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_refresh(self):
        """Do nothing: the client saves a new check, which starts it, and reloads."""
        self._ensure_some()
        return True

    def action_rebuild(self):
        """Fold the tickets with differences again and write what their ledger says."""
        self._ensure_some()
        self.check_access("create")
        # only the ledger writes projections
        ledger = self.env["service.quality.ledger"].sudo()
        ledger._refold(self.line_ids.ticket_id.ids)
        return self.create({"ticket_ids": self.line_ids.ticket_id.ids})._action_form()

    def _action_form(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Check of the ledger"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _domain(self):
        """Return the domain of all tickets that the check is about."""
        self.ensure_one()
        if self.ticket_ids:
            return [("id", "in", self.ticket_ids.ids)]
        return [
            ("company_id", "=", self.company_id.id),
            ("id", "<=", self.final_ticket),
        ]

    def _process_batch(self, limit=BATCH):
        """Check the next tickets; return how many they were."""
        tickets = self._all_tickets().search(
            [*self._domain(), ("id", ">", self.last_ticket)], order="id", limit=limit
        )
        found = self.env["service.quality.ledger"]._differences(tickets.ids)
        self.env["service.quality.check.line"].sudo().create(  # no user writes them
            [dict(difference, check_id=self.id) for difference in found]
        )
        self.sudo()._write_as_step(  # no user writes the findings
            {
                "last_ticket": tickets[-1:].id or self.last_ticket,
                "checked_count": self.checked_count + len(tickets),
                "state": "running" if len(tickets) == limit else "done",
            }
        )
        return len(tickets)

    def _all_tickets(self):
        """Return the model of tickets, archived ones too."""
        # a check is complete for each reader
        return self.env["helpdesk.ticket"].sudo().with_context(active_test=False)

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.model
    def _cron_check_ledger(self):
        """Work through the checks that were asked for, committing after each batch."""
        for check in self.search([("state", "=", "running")], order="id"):
            while check.state == "running":
                done = check._process_batch()
                remaining = max(check.ticket_count - check.checked_count, 0)
                if not self.env["ir.cron"]._commit_progress(done, remaining=remaining):
                    return
