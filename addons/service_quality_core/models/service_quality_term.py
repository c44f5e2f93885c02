from odoo import api, fields, models

from ..tools.instants import to_epoch


class ServiceQualityTerm(models.Model):
    """Registers from when to when each agreement and house rule is in force.

    Signing, amending and ending append a numbered entry; nothing is changed. A row of
    the ledger remembers the highest number that was known when it was written, so that
    a replay sees the agreements as they stood then.
    """

    _name = "service.quality.term"
    _description = "Term of an Agreement or House Rule"
    _order = "number desc, id desc"
    _rec_name = "number"

    number = fields.Integer(required=True, readonly=True)
    agreement_id = fields.Many2one(
        "service.quality.agreement", ondelete="restrict", index="btree_not_null"
    )
    target_id = fields.Many2one(
        "service.quality.target",
        string="House Rule",
        ondelete="restrict",
        index="btree_not_null",
    )
    date_start = fields.Datetime(
        required=True, help="In force for tickets opened from this moment on."
    )
    date_end = fields.Datetime(
        help="No longer in force for tickets opened from this moment on."
    )
    # ids: a contact that is merged goes, the register stays
    partners = fields.Json(
        string="Contacts Named",
        readonly=True,
        help="The contacts that the agreement named, as it was known.",
    )
    reason = fields.Char()

    _number_uniq = models.UniqueIndex("(number)")

    @api.model_create_multi
    def create(self, vals_list):
        # A sequence without gaps makes signings follow each other: the second of two
        # at a time is run again, and sees the first. So the highest number that a
        # ledger row was written with tells all that was known.
        sequence = self.env.ref("service_quality_core.service_quality_term_sequence")
        sequence = sequence.sudo()  # who signs need not be allowed to draw numbers
        sequence._service_lock()  # drawing a number does not wait by itself
        vals_list = [
            dict(vals, number=int(sequence.next_by_id()))  # batched: one or two terms
            for vals in vals_list
        ]
        terms = super().create(vals_list)
        self.env.registry.clear_cache()
        return terms

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _watermark(self):
        """Return the highest number that this transaction knows of, 0 for none."""
        self.flush_model(["number"])
        self.env.cr.execute("SELECT max(number) FROM service_quality_term")
        return self.env.cr.fetchone()[0] or 0

    def _terms_by_owner(self):
        """Return the terms of every agreement and house rule, oldest first.

        :return: dict of ("agreement" or "target", id) to ``[(number, start, end,
            contacts)]``, epoch seconds UTC, end None while open
        """
        found = {}
        # the ledger is folded by the same for every user
        for term in self.sudo().search_fetch([], order="number"):
            if term.agreement_id:
                owner = ("agreement", term.agreement_id.id)
            else:
                owner = ("target", term.target_id.id)
            found.setdefault(owner, []).append(
                (
                    term.number,
                    to_epoch(term.date_start),
                    to_epoch(term.date_end),
                    frozenset(term.partners or ()),
                )
            )
        return found
