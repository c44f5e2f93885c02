from odoo import api, models
from odoo.fields import Domain

PERIODS = 3
"""A target is looked at over so many periods."""

MISSES = 2
"""In so many of them it has to be missed."""

CASES = 10
"""So many cases there are in them together; of fewer chance decides."""

MONTHS = 3
"""A duty of each call or ticket has to be missed in so many months running."""

CODES = {
    "figure": "service_quality_audit.nonconformity_origin_figure",
    "register": "service_quality_audit.nonconformity_origin_register",
    "complaint": "mgmtsystem_nonconformity.nc_origin_external_client",
}


class ServiceQualityNonconformityRule(models.AbstractModel):
    """Says what is a nonconformity by rule, and raises it.

    Not each miss is one: a major complaint; a target missed in two of three periods
    with ten cases together, or a figure beyond its red line; a cell of the register
    that is not fulfilled for good. The rest are deviations, answered where they stand.
    """

    _name = "service.quality.nonconformity.rule"
    _description = "Rules That Raise Nonconformities"

    @api.model
    def _raise(self, vals_list):
        """Raise what stands under a regulation.

        :param vals_list: as ``_service_raise`` takes them
        :return: the nonconformities
        """
        Nonconformity = self.env["mgmtsystem.nonconformity"]
        return Nonconformity._service_raise(vals_list) if vals_list else Nonconformity

    @api.model
    def _regulated(self, records):
        """Return those of records whose company has a regulation in force."""
        companies = records.company_id.filtered(lambda one: one._service_is_regulated())
        return records.filtered(lambda one: one.company_id in companies)

    @api.model
    def _words(self, company):
        """Return the rules in the language of what stays on record."""
        return self.with_context(lang=company._service_lang())

    @api.model
    def _origin(self, code):
        found = self.env.ref(CODES[code], raise_if_not_found=False)
        return found or self.env["mgmtsystem.nonconformity.origin"]

    # ------------------------------------------------------------------
    # Complaints
    # ------------------------------------------------------------------

    @api.model
    def _of_complaints(self, tickets):
        """Raise one for each major complaint; what it says stands in the ticket.

        The technical service centre handles it, without those whom it is about.
        """
        raised = []
        for ticket in self._regulated(tickets.sudo()):  # whoever enters it
            company = ticket.company_id
            own = self._words(company)
            people = company._service_role_users("technical_centre")
            people = people or company._service_role_users("quality")
            raised.append(
                {
                    "source": ticket,
                    "grade": "major",
                    "name": own.env._("Major complaint %s", ticket.number),
                    "description": own.env._(
                        "A customer has made a major complaint: see %s. It is hidden "
                        "from the people it is about.",
                        ticket.number,
                    ),
                    "responsible": (people - ticket._service_hidden_from())[:1],
                    "origin": self._origin("complaint"),
                }
            )
        return self._raise(raised)

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    @api.model
    def _of_figures(self, figures):
        """Raise what was missed often enough, or went beyond a red line.

        Each cause is told once: by the figure that stands for it in its deviation.

        :param figures: that were just taken
        """
        figures = self._regulated(figures.sudo())  # whoever takes them
        # likewise
        Deviation = self.env["service.quality.deviation"].sudo()
        deviations = Deviation.search([("figure_id", "in", figures.ids)])
        leaders = deviations.figure_id
        red = figures._beyond_red_line()
        told = red | leaders.filtered(self._is_missed_often)
        owners = Deviation._owners(told)
        return self._raise(
            [
                self._prepare_figure(figure, owners[figure], figure in red)
                for figure in told.sorted(lambda one: one._cause_rank())
            ]
        )

    @api.model
    def _is_missed_often(self, figure):
        """Return True if a target was missed in two of three periods with ten cases."""
        first = figure._period().shifted(1 - PERIODS).start
        past = figure.search(  # batched: of the few that stand for a cause
            Domain("indicator_id", "=", figure.indicator_id.id)
            & Domain("company_id", "=", figure.company_id.id)
            & Domain("period_kind", "=", figure.period_kind)
            & Domain("scope", "=", figure.scope)
            & Domain("scope_id", "=", figure.scope_id)
            & Domain("is_provisional", "=", False)
            & Domain("date_from", ">=", first)
            & Domain("date_from", "<=", figure.date_from)
        )
        missed = past.filtered(lambda one: one.goal_state == "beyond")
        is_measured = figure.indicator_id.source == "measured"
        is_counted = figure.indicator_id.summary in ("count", "sum")
        has_cases = sum(past.mapped("denominator")) >= CASES
        return len(missed) >= MISSES and (has_cases or is_measured or is_counted)

    @api.model
    def _prepare_figure(self, figure, owner, is_red):
        """Return what is raised of one figure."""
        own = self._words(figure.company_id)
        told = figure.with_context(lang=own.env.lang)
        words = {
            "indicator": told.indicator_id.name,
            "scope": told.scope_name,
            "value": told.value_text,
            "goal": told.goal_text or "–",
            "period": told.period,
        }
        if is_red:
            name = own.env._("Beyond the red line: %(indicator)s, %(scope)s", **words)
        else:
            name = own.env._("Missed again: %(indicator)s, %(scope)s", **words)
        place = figure._cause_place()
        return {
            "source": figure,
            "grade": "major" if is_red else "minor",
            "name": name,
            "description": own.env._(
                "%(indicator)s of %(scope)s was %(value)s in %(period)s; %(goal)s was "
                "wanted.",
                **words,
            ),
            "key": f"figure,{place.formula},{place.scope},{place.scope_id}",
            "team": figure.team_id,
            "project": figure.project_id,
            "responsible": owner,
            "indicator": figure.indicator_id,
            "origin": self._origin("figure"),
        }

    # ------------------------------------------------------------------
    # Register
    # ------------------------------------------------------------------

    @api.model
    def _of_cells(self, cells):
        """Raise what the register says is not fulfilled for good.

        Of a duty of each call or ticket the share decides that an executive has set;
        where it is to be each of them, three months running.

        :param cells: that were just judged
        """
        lost = self._regulated(cells.sudo()).filtered(  # whoever judges
            lambda cell: cell._is_missed_for_good() and self._was_watched(cell)
        )
        each = lost.filtered(lambda cell: cell.obligation_id.period == "trigger")
        strict = each.filtered(lambda cell: cell._goal_percent() == 100)
        for cell in strict:  # batched: the few that are lost
            if not self._is_lost_running(cell):
                lost -= cell
        return self._raise([self._prepare_cell(cell) for cell in lost])

    @api.model
    def _was_watched(self, cell):
        """Return True if a cell was judged before it closed: then people could know.

        What was lost before a company came into the register is history.
        """
        first = min(cell.judgement_ids.mapped("judged_at"), default=None)
        return bool(first) and cell.company_id._service_day(first) <= cell.date_due

    @api.model
    def _is_lost_running(self, cell):
        """Return True if the months before were not fulfilled either."""
        first = cell._period().shifted(1 - MONTHS).start
        cells = cell.search(
            [
                ("obligation_id", "=", cell.obligation_id.id),
                ("company_id", "=", cell.company_id.id),
                ("date_from", ">=", first),
                ("date_from", "<=", cell.date_from),
            ]
        )
        missed = cells.filtered(
            lambda one: one.state == "corrected" or one._is_missed_for_good()
        )
        return len(missed) >= MONTHS

    @api.model
    def _prepare_cell(self, cell):
        """Return what is raised of one cell.

        It is not linked to that of a figure. A duty is judged by its evidence, in the
        words of the regulation; a figure by a formula, against the company's own goal.
        No record says which of them are about the same, and the one may be fulfilled
        while the other is missed: what has one name would get two answers.
        """
        company, obligation = cell.company_id, cell.obligation_id
        own = self._words(company)
        told = cell.with_context(lang=own.env.lang)
        return {
            "source": cell,
            "grade": "minor",
            "name": own.env._("Not fulfilled: %s", told.obligation_id.display_name),
            "description": own.env._(
                "%(duty)s: %(done)s of %(due)s in %(period)s, and it cannot be made "
                "good any more.",
                duty=told.obligation_id.name,
                done=cell.done_count,
                due=cell.due_count,
                period=cell.label,
            ),
            "key": f"obligation,{obligation.id}",
            "responsible": cell._answerable(company._service_role_users)[:1],
            "origin": self._origin("register"),
        }
