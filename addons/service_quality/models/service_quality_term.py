from odoo import api, fields, models

from ..tools.instants import to_epoch


class ServiceQualityTerm(models.Model):
    """The register of validity: when each agreement and house rule is in force.

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
    reason = fields.Char()

    _number_uniq = models.UniqueIndex("(number)")

    @api.model_create_multi
    def create(self, vals_list):
        # Signings commit in the order of their numbers: what a ledger row was
        # written with is then told by the highest number alone.
        self.env.cr.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [self._name])
        self.env.cr.execute("SELECT COALESCE(max(number), 0) FROM service_quality_term")
        [highest] = self.env.cr.fetchone()
        vals_list = [
            dict(vals, number=highest + index)
            for index, vals in enumerate(vals_list, start=1)
        ]
        terms = super().create(vals_list)
        self.env.registry.clear_cache()
        return terms

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _terms_by_owner(self):
        """Return the terms of every agreement and house rule, oldest first.

        :return: dict of ("agreement" or "target", id) to ``[(number, start, end)]``,
            epoch seconds UTC, end None while open
        """
        found = {}
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
                )
            )
        return found
