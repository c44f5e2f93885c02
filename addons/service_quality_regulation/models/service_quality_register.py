from datetime import date, timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.service_quality_core.models.arguments import Arguments
from odoo.addons.service_quality_core.tools.period import MONTHS, YEARS

from .obligation_data import STATES

CELL = (
    "state", "why", "note", "remark", "due_count", "done_count", "missing_count",
    "late_count", "lost_count", "late_on", "label",
)  # fmt: skip


class ServiceQualityRegister(models.AbstractModel):
    """Shows the compliance register 制度执行台账: clauses by periods, with proof."""

    _name = "service.quality.register"
    _description = "Compliance Register"

    @api.model
    @api.readonly
    def matrix(self, regulation_id=False, year=False, as_of=False):
        """Return the register of a regulation for a year, as far as the user reads it.

        :param regulation_id: id; the first that is in force where empty
        :param year: the present one where empty
        :param as_of: a day, as text: how things stood at its end, from the judgements
        :return: dict of ``regulations`` (``{"id", "name"}``), ``regulation_id``,
            ``company``, ``year``, ``as_of``, ``states`` (pairs), ``whys`` (labels),
            ``counts`` (by state) and ``chapters``: list of ``{"name", "rows"}``, rows
            of ``{"id", "clause_id", "code", "heading", "name", "who", "how_often",
            "cells"}``, cells of ``{"id",
            "month" (0 to 11), "span" (months), "label", "state", "why", "note",
            "remark", "due_count", "done_count", "missing_count"}``
        :raise AccessError: for who does not read the register
        """
        Cell = self.env["service.quality.compliance"]
        Cell.check_access("read")
        today = self.env.company._service_day()
        given = Arguments(self.env)
        year = given.whole("year", year or today.year, YEARS[0], YEARS[-1])
        as_of = given.date("as_of", as_of) if as_of else False
        regulations = self._regulations()
        chosen = regulations.filtered(lambda one: one.id == regulation_id)
        chosen = chosen or regulations[:1]
        cells = Cell.search(
            Domain("regulation_id", "=", chosen.id)
            & Domain("company_id", "=", self.env.company.id)
            & Domain("date_from", ">=", date(year, 1, 1))
            & Domain("date_from", "<=", date(year, 12, 31))
        )
        shown = self._cells(cells, as_of)
        return {
            "regulations": [
                {"id": one.id, "name": f"{one.code} · {one.display_name}"}
                for one in regulations
            ],
            "regulation_id": chosen.id,
            "company": self.env.company.name,
            "year": year,
            "as_of": as_of and fields.Date.to_string(as_of),
            "states": Cell._fields["state"]._description_selection(self.env),
            "whys": dict(Cell._fields["why"]._description_selection(self.env)),
            "counts": {
                state: sum(cell["state"] == state for cell in shown.values())
                for state, _label in STATES
            },
            "chapters": self._chapters(chosen, cells, shown),
        }

    @api.model
    def _regulations(self):
        """Return the regulations that are, or were, in force in the company."""
        terms = self.env["service.quality.regulation.term"].search(
            [("company_id", "=", self.env.company.id)]
        )
        in_force = self.env.company._service_regulations()
        found = terms.regulation_id.with_context(active_test=False)
        return found.sorted(lambda one: (one not in in_force, one.code, -one.version))

    @api.model
    def _cells(self, cells, as_of):
        """Return what is shown of each cell, now or as it was at the end of a day.

        :return: dict of cell to dict
        """
        if not as_of:
            return {
                cell: {name: cell[name] for name in CELL} | self._place(cell)
                for cell in cells
            }
        following = as_of + timedelta(days=1)
        after = self.env.company._service_midnight(following)
        newest = self.env["service.quality.judgement"]._read_group(
            Domain("compliance_id", "in", cells.ids) & Domain("judged_at", "<", after),
            ["compliance_id"],
            ["id:recordset"],
        )
        shown = {}
        for cell, judgements in newest:
            judgement = max(judgements, key=lambda one: one.id)
            shown[cell] = {name: judgement[name] for name in CELL} | self._place(cell)
        return shown

    @api.model
    def _place(self, cell):
        return {
            "id": cell.id,
            "month": cell.date_from.month - 1,
            "span": MONTHS[cell.kind],
        }

    @api.model
    def _chapters(self, regulation, cells, shown):
        """Return the rows of the register under their chapters, in their order."""
        own = cells.grouped("obligation_id")
        # a role that does not read all obligations sees those it has to do
        obligations = regulation.obligation_ids.filtered(lambda one: one in own)
        roles = dict(obligations._fields["role"]._description_selection(self.env))
        periods = dict(obligations._fields["period"]._description_selection(self.env))
        chapters = {}
        for one in obligations.sorted(
            lambda one: (one.clause_id.sequence, one.clause_id.id, one.sequence, one.id)
        ):
            rows = chapters.setdefault(one.clause_id.chapter or "", [])
            rows.append(
                {
                    "id": one.id,
                    "clause_id": one.clause_id.id,
                    "code": one.clause_id.code,
                    "heading": one.clause_id.name,
                    "name": one.name,
                    "who": roles[one.role],
                    "how_often": periods[one.period],
                    "cells": [
                        shown[cell]
                        for cell in own[one].sorted("date_from")
                        if cell in shown
                    ],
                }
            )
        return [{"name": name, "rows": rows} for name, rows in chapters.items()]
