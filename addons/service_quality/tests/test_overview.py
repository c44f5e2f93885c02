from ast import literal_eval

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from odoo.addons.service_quality_core.models.roles import ROLES
from odoo.addons.service_quality_core.tests.common import ServiceQualityCase
from odoo.addons.service_quality_core.tools.period import Period


@tagged("post_install", "-at_install")
class TestOverview(ServiceQualityCase):
    def _page(self, user, role=None):
        return self.env["service.quality.overview"].with_user(user).read_tiles(role)

    def _keys(self, role):
        tiles = self.env["service.quality.overview"]._tiles()[role]
        return [key for _sequence, key in sorted(tiles)]

    def _codes(self):
        return self.env["service.quality.overview"]._tile_codes()

    def test_each_role_has_its_own_first_page_of_at_most_nine_tiles(self):
        self.env.company.service_engineer_figures = True
        for role in dict(ROLES):
            keys = self._keys(role)
            with self.subTest(role=role):
                self.assertLessEqual(len(keys), 9)
                page = self._page(self._user(f"overview_{role}", role))
                self.assertEqual(page["role"], role)
                self.assertEqual([tile["key"] for tile in page["tiles"]], list(keys))
                for tile in page["tiles"]:
                    self.assertTrue(tile["title"])
                    self.env.ref(tile["action"])
                    self.env[tile["model"]].search(tile["domain"], limit=1)

    def test_who_is_asked_to_do_something_sees_it_first(self):
        """The desk, the centre and the quality department have activities too."""
        for role in ("desk", "technical_centre", "quality", "staff", "sales"):
            with self.subTest(role):
                user = self._user(f"overview_activity_{role}", role)
                before = self._tiles(user)["activities"]["value"]
                self.assertEqual(before, "0")
                user.partner_id.activity_schedule(
                    "mail.mail_activity_data_todo", user_id=user.id
                )
                self.assertEqual(self._tiles(user)["activities"]["value"], "1")

    def test_no_grade_where_engineers_are_not_counted(self):
        """A tile that can never have a figure is not there."""
        agent = self._user("overview_grade", "staff")
        self.env.company.service_engineer_figures = False
        self.assertNotIn("my_grade", self._tiles(agent))
        self.env.company.service_engineer_figures = True
        self.assertEqual(self._tiles(agent)["my_grade"]["value"], "no data")

    def test_the_running_month_is_told_from_the_last_whole_one(self):
        """The list of indicators says the same as the first page."""
        company = self.env["res.company"].create({"name": "Counts since yesterday"})
        executive = self._user("overview_running", "executive")
        executive.write({"company_ids": company.ids, "company_id": company.id})
        indicator = self.env.ref("service_quality_indicator.indicator_sla_resolution")
        indicator = indicator.with_company(company)
        month = Period.around("month", fields.Date.today())
        self.env["service.quality.figure"]._take(company, month)
        self.assertTrue(indicator.last_figure_id.is_provisional)
        self.assertTrue(self._tiles(executive)["attainment"]["is_running"])
        self.env["service.quality.figure"]._take(company, month.shifted(-1))
        indicator.invalidate_recordset()
        self.assertEqual(indicator.last_figure_id.date_from, month.shifted(-1).start)
        hint = self._tiles(executive)["attainment"]["hint"]
        self.assertIn(month.shifted(-1).label, hint)

    def test_each_tile_of_figures_has_a_shipped_indicator(self):
        codes = self.env["service.quality.indicator"].search([]).mapped("code")
        self.assertLessEqual(set(self._codes().values()), set(codes))

    def test_what_a_tile_counts_is_what_it_opens(self):
        agent = self._user("overview_agent", "staff")
        self._agreement({"metric": "resolution", "duration": 1, "unit": "hour"})
        late = self._ticket("2026-03-02 09:00", user_id=agent.id)
        self._ticket("2026-03-02 09:00")
        mine = self._tiles(agent)["my_late"]
        self.assertEqual((mine["value"], mine["mood"]), ("1", "bad"))
        tickets = self.env["helpdesk.ticket"].with_user(agent)
        self.assertEqual(tickets.search(mine["domain"]), late)

    def test_the_number_of_each_tile_is_that_of_its_list(self):
        """Each tile of each role opens the list that was counted, in its context."""
        self._agreement({"metric": "resolution", "duration": 1, "unit": "hour"})
        self._ticket("2026-03-02 09:00")
        self._ticket("2026-03-02 09:00", service_is_complaint=True)
        self._ticket("2026-03-02 09:00").active = False
        self._agreement(sign=False, name="Archived").active = False
        for role in dict(ROLES):
            user = self._user(f"overview_list_{role}", role)
            for tile in self._page(user)["tiles"]:
                action = self.env["ir.actions.actions"]._for_xml_id(tile["action"])
                self.assertEqual(action["res_model"], tile["model"], tile["key"])
                if tile["key"] in self._codes():
                    continue
                context = {
                    key: value
                    for key, value in literal_eval(action["context"] or "{}").items()
                    if not key.startswith("search_default_")
                }
                shown = self.env[tile["model"]].with_user(user)
                shown = shown.with_context(**context, **tile["context"])
                with self.subTest(role=role, tile=tile["key"]):
                    counted = shown.search_count(tile["domain"])
                    self.assertEqual(int(tile["value"]), counted)

    def test_late_is_the_same_everywhere(self):
        """Tile, its list, the chip and the desk: a late call makes no ticket late."""
        self._agreement({"metric": "resolution", "duration": 1, "unit": "hour"})
        rule = self._house_rule(metric="callback", duration=24, unit="hour")
        rule._enter_house_rules("2026-01-01 00:00:00")
        desk = self._user("overview_late", "desk")
        late = self._ticket("2026-03-02 09:00")
        archived = self._ticket("2026-03-02 09:00")
        archived.active = False
        called = self._ticket("2026-03-02 09:00", partner_id=self.globex.id)
        self._move(called, "resolved", "2026-03-02 09:30")
        self.assertEqual(self.clock(called, "callback").burning, "late")
        self.assertEqual(called.service_state, "none")
        tickets = late | archived | called
        tickets = tickets.with_user(desk).with_context(active_test=False)
        mine = [("id", "in", tickets.ids)]
        self.assertEqual(
            tickets.search([("service_state", "=", "late"), *mine]), late | archived
        )
        block = self.env["service.quality.desk"].with_user(desk)._block_late("all")
        self.assertEqual(
            self._tiles(desk)["late"]["value"],
            str(tickets.search_count(block["domain"])),
        )
        self.assertEqual(tickets.search([*block["domain"], *mine]), late | archived)
        chips = tickets.service_count_burning(mine)
        self.assertEqual(chips["late"], 2)

    def test_with_two_companies_on_every_tile_is_of_the_current_one(self):
        """The page says of which company its numbers are, and counts no other's."""
        other = self.env["res.company"].create({"name": "Ours, Elsewhere"})
        user = self._user("overview_companies", *dict(ROLES))
        user.write({"company_ids": [Command.link(other.id)]})
        self._agreement({"metric": "resolution", "duration": 1, "unit": "hour"})
        self._ticket("2026-03-02 09:00", user_id=user.id)
        self.env["service.quality.agreement"].create(
            {"name": "Theirs", "company_id": other.id}
        )
        for chosen in (other, self.env.company):
            both = (chosen | other | self.env.company).ids
            page = self.env["service.quality.overview"].with_user(user)
            page = page.with_context(allowed_company_ids=both)
            for role in dict(ROLES):
                keys = self._keys(role)
                read = page.read_tiles(role)
                self.assertEqual(read["company"], chosen.name)
                self.assertEqual(len(read["tiles"]), len(keys) - ("my_grade" in keys))
                for tile in read["tiles"]:
                    with self.subTest(company=chosen.name, tile=tile["key"]):
                        found = page.env[tile["model"]].search(tile["domain"])
                        if "company_id" in found._fields:
                            self.assertLessEqual(found.company_id, chosen)
        alone = page.with_context(allowed_company_ids=other.ids).read_tiles()
        self.assertFalse(alone["company"], "one is on: nothing to tell")

    def test_agreements_that_end_soon_are_counted(self):
        sales = self._user("overview_ending", "sales")
        today = fields.Date.today()
        before = int(self._tiles(sales)["agreements_ending"]["value"])
        for partner, days in ((self.globex, 30), (self.supplier, 200)):
            self._agreement(
                {"metric": "resolution", "duration": 1},
                partner_ids=partner.ids,
                date_end=fields.Date.add(today, days=days),
            )
        tile = self._tiles(sales)["agreements_ending"]
        self.assertEqual(int(tile["value"]), before + 1)
        self.assertEqual(tile["mood"], "warning")

    def _tiles(self, user):
        return {tile["key"]: tile for tile in self._page(user)["tiles"]}

    def test_a_role_one_does_not_hold_is_not_shown(self):
        agent = self._user("overview_two", "staff", "desk")
        self.assertEqual(self._page(agent, "executive")["role"], "desk")
        self.assertEqual(self._page(agent, "staff")["role"], "staff")
        with self.assertRaises(AccessError):
            self._page(self._user("overview_nobody"))

    def test_a_page_costs_the_same_however_many_figures_there_are(self):
        executive = self._user("overview_queries", "executive")
        this_month = Period.around("month", fields.Date.today())
        counts = []
        for months in (1, 11):
            for number in range(months):
                self.env["service.quality.figure"]._take(
                    self.env.company,
                    this_month.shifted(-number),
                    reason="Counted once more",
                )
            self._page(executive)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._page(executive)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
        self.assertLessEqual(counts[1], 25)


@tagged("post_install", "-at_install", "browser")
class TestOverviewTour(HttpCase, ServiceQualityCase):
    def test_from_the_first_page_to_the_rows(self):
        self._user("overview_browser", "quality")
        self.start_tour(
            "/odoo/service-overview",
            "service_quality_overview_tour",
            login="overview_browser",
        )
