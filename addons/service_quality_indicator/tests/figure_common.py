from datetime import date

from freezegun import freeze_time

from odoo.addons.service_quality_core.tests.common import ServiceQualityCase
from odoo.addons.service_quality_core.tools.period import Period

MARCH = Period("month", date(2026, 3, 1))


class FigureCase(ServiceQualityCase):
    """Sets up a company of UTC whose indicators are counted in March 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_figures()

    @classmethod
    def _setup_figures(cls):
        # what the demo's story counts is none of these tests' business
        cls.company = cls.env["res.company"].create({"name": "Counted"})
        cls.company.partner_id.tz = "UTC"
        cls.env["service.quality.target"].search(
            [("agreement_id", "=", False)]
        ).active = False
        cls.team.company_id = cls.company
        cls.other_team.company_id = cls.company
        cls.office.company_id = cls.company
        cls.env.user.company_ids |= cls.company
        cls.env.user.company_id = cls.company
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=cls.company.ids)
        )
        cls.Figure = cls.env["service.quality.figure"]
        cls.Counting = cls.env["service.quality.counting"]

    @classmethod
    def _indicator(cls, code):
        return cls._ours(f"indicator_{code}")

    @classmethod
    def _take(cls, *codes, moment="2026-04-01 00:30", period=MARCH):
        """Take figures of some indicators, or of all, at a moment."""
        indicators = None
        if codes:
            indicators = cls.env["service.quality.indicator"].union(
                *(cls._indicator(code) for code in codes)
            )
        with freeze_time(moment):
            return cls.Figure._take(
                cls.company, period, indicators, reason="The test asks for it"
            )

    def _figure(self, code, scope="company", record=None, period=MARCH):
        """Return the one figure of a scope that was taken."""
        record = record or self.company
        figure = self.Figure.search(
            [
                ("indicator_id", "=", self._indicator(code).id),
                ("scope", "=", scope),
                ("scope_id", "=", record.id),
                ("period_kind", "=", period.kind),
                ("date_from", "=", period.start),
                ("company_id", "=", self.company.id),
            ]
        )
        self.assertEqual(len(figure), 1, f"figures of {code} of {record}")
        return figure
