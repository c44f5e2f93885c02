from odoo import api, fields, models

GRADES = {
    "major": "mgmtsystem_nonconformity.nonconformity_severity_maj",
    "minor": "mgmtsystem_nonconformity.nonconformity_severity_min",
}
"""The severity of each grade, by its identifier."""

DECISION = "service_quality_audit.nonconformity_origin_decision"
"""The origin of what says no other: the form asks for one at each of its buttons."""

TICKET = "helpdesk.ticket"

ENDED = ("done", "cancel")


class ServiceQualityRaisedMixin(models.AbstractModel):
    """Is raised by rules, findings and people; what is about the same is one.

    Each miss as a nonconformity of its own would drown people. So what is raised about
    the same as an open one is linked to it as a repeat, and what comes back after one
    was closed names that one.
    """

    _name = "service.quality.raised.mixin"
    _description = "Raised Once for What Is About the Same"

    service_key = fields.Char(
        string="About",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="While this is open, a repeat of the same problem is linked to it.",
    )
    service_source_name = fields.Char(string="Found In", readonly=True, copy=False)
    service_indicator_id = fields.Many2one(
        "service.quality.indicator",
        string="Found By",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The indicator that showed the problem. The check of the effect reads it"
        " by default.",
    )
    service_previous_id = fields.Many2one(
        "mgmtsystem.nonconformity",
        string="Came Back After",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="An earlier nonconformity about the same problem, which was closed.",
    )
    service_repeat_ids = fields.One2many(
        "service.quality.repeat", "nonconformity_id", string="Repeats", readonly=True
    )
    service_repeat_count = fields.Integer(compute="_compute_service_repeat_count")

    # ------------------------------------------------------------------
    # Compute
    # ------------------------------------------------------------------

    @api.depends("service_repeat_ids")
    def _compute_service_repeat_count(self):
        for record in self:
            record.service_repeat_count = len(record.service_repeat_ids)

    # ------------------------------------------------------------------
    # Raising
    # ------------------------------------------------------------------

    @api.model
    def _service_raise(self, vals_list):
        """Raise nonconformities, or link what is about the same as an open one.

        The same source raises nothing twice. Who may raise is checked by the caller.

        :param vals_list: dicts with ``source`` (record), ``grade`` (minor or major),
            ``name`` and ``description``, in the company's language; and, where known,
            ``key`` (what it is about), ``company``, ``team``, ``project``,
            ``responsible``, ``indicator`` and ``origin`` (record of the management
            system)
        :return: the nonconformities, one for each of the dicts, in their order; one
            stands there as often as it was meant
        """
        records = self.sudo()  # a rule or a finding raises it, whoever is there
        known, found = records._known_keys(vals_list), []
        for vals in vals_list:  # a few: what is about the same is one
            company, key = records._key_of(vals)
            same = known.get((company, key), records.browse())
            record = same.filtered(lambda one, v=vals: one._is_about(v["source"]))[:1]
            open_ = same.filtered(lambda one: one.state not in ENDED)[:1]
            if not record and open_:
                record = open_
                record._add_repeat(vals)
            elif not record:
                values = records._prepare_raised(vals, company, key)
                values["service_previous_id"] = same.sorted("id")[-1:].id
                record = records._create_as_step([records._complete(values)])
                record._begin()
            known[company, key] = same | record
            found.append(record.id)
        return self.browse(found)

    @api.model
    def _key_of(self, vals):
        """Return the company and the key of what is to be raised."""
        source = vals["source"]
        company = vals.get("company") or (
            source.company_id if "company_id" in source else None
        )
        key = vals.get("key") or f"{source._name},{source.id}"
        return company or self.env.company, key

    def _known_keys(self, vals_list):
        """Return what was raised about the same before, by company and key."""
        keys = [self._key_of(vals) for vals in vals_list]
        records = self.search(
            [
                ("company_id", "in", [company.id for company, _key in keys]),
                ("service_key", "in", [key for _company, key in keys]),
            ]
        )
        return records.grouped(lambda one: (one.company_id, one.service_key))

    def _is_about(self, source):
        """Return True if a source is known to this one already."""
        sources = {(self.res_model, self.res_id)} | {
            (one.source_model, one.source_id) for one in self.service_repeat_ids
        }
        return (source._name, source.id) in sources

    def _sources(self, model):
        """Return the records of a model in which it was found, repeats among them."""
        repeats = self.service_repeat_ids.filtered(
            lambda one: one.source_model == model
        )
        ids = {self.res_id} if self.res_model == model else set()
        return (
            self.env[model]
            .browse(sorted(ids | set(repeats.mapped("source_id"))))
            .exists()
        )

    def _add_repeat(self, vals):
        """Note that it has happened again; who answers for it is told."""
        source = vals["source"]
        self.env["service.quality.repeat"]._create_as_step(
            [
                {
                    "nonconformity_id": self.id,
                    "name": vals["name"],
                    "source_model": source._name,
                    "source_id": source.id,
                }
            ]
        )
        self.message_post(body=vals["name"])
        self._raise_grade(vals.get("grade"))

    def _raise_grade(self, grade):
        """Make it major where a repeat is; it never becomes minor by one."""
        if grade == "major" and not self.service_is_major:
            self._write_as_step({"severity_id": self.env.ref(GRADES["major"]).id})

    @api.model
    def _prepare_raised(self, vals, company, key):
        """Return the values of what a rule or a finding raises."""
        source = vals["source"]
        origin = vals.get("origin") or self.env["mgmtsystem.nonconformity.origin"]
        return {
            "name": vals["name"],
            "description": vals["description"],
            "company_id": company.id,
            "severity_id": self.env.ref(GRADES[vals["grade"]]).id,
            "origin_ids": origin and [(6, 0, origin.ids)],
            "res_model": source._name,
            "res_id": source.id,
            "service_source_name": source.display_name,
            "service_ticket_id": source.id if source._name == TICKET else False,
            "service_key": key,
            "service_indicator_id": (vals.get("indicator") or False)
            and vals["indicator"].id,
            "service_team_id": (vals.get("team") or False) and vals["team"].id,
            "service_project_id": (vals.get("project") or False) and vals["project"].id,
            "responsible_user_id": (vals.get("responsible") or False)
            and vals["responsible"].id,
        }

    @api.model
    def _complete(self, vals):
        """Return values with what a nonconformity cannot be without."""
        company = self.env["res.company"].browse(vals.get("company_id"))
        company = company or self.env.company
        team = self.env["helpdesk.ticket.team"].browse(vals.get("service_team_id"))
        project = self.env["service.quality.project"].browse(
            vals.get("service_project_id")
        )
        # whoever raises it need not read who leads what
        leaders = (team.sudo().user_id, project.sudo().user_id)
        quality = company._service_role_users("quality")
        people = next(filter(None, map(company._service_people, leaders)), quality[:1])
        responsible = vals.get("responsible_user_id") or people.id or self.env.uid
        others = quality.filtered(lambda one: one.id != responsible)
        executives = company._service_role_users("executive")
        manager = (others or executives)[:1].id or responsible
        decision = self.env.ref(DECISION, raise_if_not_found=False)
        origins = vals.get("origin_ids") or (decision and [(6, 0, decision.ids)]) or []
        return {name: value for name, value in vals.items() if value is not None} | {
            "company_id": company.id,
            "origin_ids": origins,
            "partner_id": vals.get("partner_id") or company.partner_id.id,
            "responsible_user_id": responsible,
            "manager_user_id": vals.get("manager_user_id") or manager,
        }
