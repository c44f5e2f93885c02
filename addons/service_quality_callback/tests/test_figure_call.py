from itertools import product

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.service_quality_core.tools.phone import plain_number, same_number

from ..models.callback_counting import same_number as in_sql
from .figure_common import CallFigureCase


@tagged("post_install", "-at_install")
class TestFigureCall(CallFigureCase):
    """Figures count calls by telephone, within 24 hours, once they are over."""

    def _calls(self, count):
        """Handle tickets on the 2nd of March at 10:00; their calls are due in a day."""
        tickets = self.env["helpdesk.ticket"].union(
            *(self._handled(partner_id=self.stranger.id) for _number in range(count))
        )
        return self.env["service.quality.callback"].search(
            [("ticket_id", "in", tickets.ids)], order="id"
        )

    def _write(self, calls, **values):
        """Write what came of many calls at once, past the page on which they are made.

        Their clocks end as the ledger is told.
        """
        rows = []
        for call in calls:
            result = values.get("result")
            attempted = values.get("first_attempt_at")
            if attempted:
                rows += call._prepare_rows(
                    call,
                    "callback_attempted",
                    {
                        call: {
                            "disposition": "completed"
                            if values.get("reached_at")
                            else "no_answer",
                            "channel": "telephone",
                        }
                    },
                    attempted,
                )
            if result:
                rows += call._prepare_rows(
                    call,
                    "callback_ended",
                    {call: {"result": result}},
                    values["ended_at"],
                )
        calls.write(values)
        self.env["service.quality.ledger"]._append(rows)

    def test_marks_are_those_that_customers_can_give(self):
        """Without answers there is no mean, and no goal lies beyond the marks."""
        self._take("satisfaction_mean")
        self.assertFalse(self._figure("satisfaction_mean").has_value)
        with self.assertRaises(ValidationError):
            self.env["service.quality.indicator.target"].create(
                {
                    "indicator_id": self._indicator("satisfaction_mean").id,
                    "company_id": self.company.id,
                    "date_from": "2026-01-01",
                    "goal": 6,
                }
            )

    def test_worked_numbers(self):
        """Regulation A5.1.2: of 100 due, 80 reached and 91 attempted in time.

        80 reached in time by telephone (3 of them refused), 6 late, 9 unreachable, 5
        open and late; of the 9 unreachable and the late ones 11 were tried in time.
        """
        calls = self._calls(102)
        early, late = "2026-03-02 15:00:00", "2026-03-04 15:00:00"
        done = {"state": "ended", "ended_at": early, "first_attempt_at": early}
        self._write(calls[:77], result="completed", reached_at=early, **done)
        self._write(calls[77:80], result="refused", reached_at=early, **done)
        late_done = {"state": "ended", "ended_at": late, "result": "completed"}
        self._write(calls[80:82], first_attempt_at=early, **late_done)
        self._write(calls[82:86], first_attempt_at=late, **late_done)
        calls[80:86].reached_at = late
        unreachable = {"state": "ended", "ended_at": late, "result": "unreachable"}
        self._write(calls[86:95], first_attempt_at=early, **unreachable)
        # five stay open; two are exempt, and in no rate
        self._write(calls[100:], state="ended", ended_at=early, result="exempt")
        self._take("callback_attempted", "callback_reached", "exemptions")
        reached = self._figure("callback_reached")
        self.assertEqual((reached.numerator, reached.denominator), (80, 100))
        self.assertEqual(reached.missed_open_count, 5)
        attempted = self._figure("callback_attempted")
        self.assertEqual((attempted.numerator, attempted.denominator), (91, 100))
        self.assertFalse(attempted.is_small)
        self.assertEqual(self._figure("exemptions").value, 2)

    def test_cancelled_before_they_were_made(self):
        """Reopened and handled again there is a new call: the first one is counted."""
        calls = self._calls(2)
        again = calls[0].ticket_id
        self._move(again, "active", "2026-03-02 20:00")
        self._move(again, "resolved", "2026-03-02 20:01")
        self._take("callback_cancelled")
        self.assertEqual(self._figure("callback_cancelled").value, 1)
        self.assertEqual(calls[0].result, "cancelled")
        self.assertEqual(len(again.service_callback_ids), 2)

    def test_calls_in_doubt(self):
        """To another number, one for several customers, or a talk that was none."""
        calls = [self._calls(1) for _number in range(3)]
        others = [
            self._handled(partner_id=self.contact.id).service_callback_ids
            for _number in range(2)
        ]
        self._complete(calls[0], "2026-03-02 11:00")
        self._complete(others[0], "2026-03-02 11:05")
        self._take("callback_in_doubt")
        self.assertEqual(self._figure("callback_in_doubt").value, 0)
        said = {"solved": "yes", "satisfaction": "5"}
        self._save(
            calls[1],
            "2026-03-02 12:00",
            "completed",
            outcomes=[said | {"callback_id": calls[1].id}],
            number="+86 10 7777",
            note="His office",
        )
        self._complete(others[1], "2026-03-02 12:00:30")
        self._take("callback_in_doubt")
        self.assertEqual(self._figure("callback_in_doubt").value, 2, "number, seconds")
        self._save(
            calls[2],
            "2026-03-02 15:00",
            "completed",
            self.second,
            outcomes=[said | {"callback_id": calls[2].id}],
            # as it is dialled from abroad, with the colleague's extension
            number=self.contact.phone.replace("+", "00").replace(" ", "-") + " ext. 5",
            note="He is at their place",
        )
        self._take("callback_in_doubt")
        # both that were made to this number of another customer, too
        self.assertEqual(self._figure("callback_in_doubt").value, 4)

    def test_one_number_is_the_same_everywhere(self):
        """Python and SQL say the same, however it is written."""
        written = (
            "+86 10 6000 1234", "0086-10-60001234", "010 6000 1234", "6000 1234",
            "(+86) 10/6000.1234 ext. 8", "010 60001234转8", "+86 10 6000 1235",
            "8001", "8 001", "001", "", None,
        )  # fmt: skip
        pairs = list(product(written, repeat=2))
        plain = [[plain_number(text) for text in pair] for pair in pairs]
        rows = SQL(", ").join(SQL("(%s, %s)", *pair) for pair in plain)
        rule = in_sql(SQL("pair.one"), SQL("pair.other"))
        found = self.env.execute_query(
            SQL("SELECT %s FROM (VALUES %s) AS pair (one, other)", rule, rows)
        )
        for pair, (is_same,) in zip(pairs, found, strict=True):
            self.assertEqual(is_same, same_number(*pair), pair)
        for text in written[1:6]:
            self.assertTrue(same_number(written[0], text), text)
        self.assertFalse(same_number(written[0], written[6]))

    def test_a_number_that_is_written_otherwise_is_not_changed(self):
        """Deny: a blank more in the number of an open call takes it for corrected."""
        [call] = self._calls(1)
        contact = call.partner_id
        with freeze_time("2026-03-02 10:30"):
            contact.phone = contact.phone.replace("+", "00").replace(" ", "")
            self.assertFalse(call.is_number_changed)
            contact.phone = "+86 10 999 999"
        self.assertTrue(call.is_number_changed)

    def test_share_of_own_calls(self):
        """Of 11 completed by telephone 3 were about own work: by who called, 3 of 10.

        An answer by link, a refusal and a call that is open are in neither.
        """
        self.company.service_engineer_figures = True
        for user in self.caller | self.second | self.manager:
            user.write({"company_ids": self.company.ids, "company_id": self.company.id})
        self.team.user_ids = self.caller | self.second
        people = [self.caller] * 3 + [self.second] * 11
        calls = self.env["service.quality.callback"].union(
            *(
                self._handled(
                    user_id=user.id, partner_id=self.stranger.id
                ).service_callback_ids
                for user in people
            )
        )
        for call in calls[:10]:
            self._complete(call, "2026-03-02 12:00")
        self._complete(calls[10], "2026-03-02 12:00", self.manager)
        with freeze_time("2026-03-02 12:00"):
            calls[11]._answer_in_writing({"solved": "yes", "satisfaction": "5"}, "link")
        self._save(calls[12], "2026-03-02 12:00", "refused")
        figures = self._take("own_calls")
        figure = self._figure("own_calls")
        self.assertEqual((figure.numerator, figure.denominator), (3, 11))
        own = self._figure("own_calls", "engineer", self.caller)
        self.assertEqual((own.numerator, own.denominator), (3, 10))
        persons = figures.filtered(lambda one: one.scope == "engineer")
        self.assertEqual(persons.user_id, self.caller, "one call tells nothing")
        self.assertEqual(own.with_user(self.caller).value, 30)
        for user in self.second | self.manager:
            with self.assertRaises(AccessError):
                own.with_user(user).read(["value"])

    def test_cancelled_after_work_is_called(self):
        """What counts as cancelled after work is what gets a call."""
        new, begun, answered = tickets = [
            self._ticket("2026-03-02 08:00", partner_id=self.stranger.id)
            for _number in range(3)
        ]
        self._move(begun, "active", "2026-03-02 09:00")
        with freeze_time("2026-03-02 09:00"):
            answered.service_record("responded")
        for ticket in tickets:
            self._move(ticket, "cancelled", "2026-03-02 10:00")
        self.assertFalse(new.service_callback_ids)
        self.assertEqual(len((begun | answered).service_callback_ids), 2)
        self._take("cancelled_worked")
        self.assertEqual(self._figure("cancelled_worked").value, 2)

    def test_same_as_the_rates(self):
        """SLA case 19: figure and call rates say the same of the same calls."""
        calls = self._calls(4)
        self._complete(calls[0], "2026-03-02 12:00", satisfaction="3")
        self._save(calls[1], "2026-03-02 12:30", "no_answer")
        self._complete(
            calls[2],
            "2026-03-04 12:00",
            solved="no",
            satisfaction="2",
            reason_ids=self.reason.ids,
        )
        self._take(
            "callback_attempted",
            "callback_reached",
            "callback_solved",
            "satisfaction_mean",
            "satisfaction_good",
        )
        with freeze_time("2026-04-01 00:30"):
            [rates] = self.env["service.quality.callback.report"]._read_group(
                [("callback_id", "in", calls.ids)],
                [],
                ["attempted_rate:avg", "in_time_rate:avg", "solved_rate:avg"],
            )
        self.assertEqual(
            rates,
            (
                self._figure("callback_attempted").value,
                self._figure("callback_reached").value,
                self._figure("callback_solved").value,
            ),
        )
        self.assertEqual(self._figure("satisfaction_mean").value, 2.5)
        self.assertEqual(self._figure("satisfaction_good").value, 0)

    def test_grading_oneself(self):
        """SLA case 44: what who handled it says as its customer is in no rate.

        By telephone, link and portal, in figures, analysis and digest alike; each is
        found by a filter.
        """
        engineer = self._user("grading", "desk", email="grading@us.example")
        engineer.partner_id.write({"parent_id": self.acme.id, "phone": "+49 30 9"})
        self._agreement(
            {"metric": "resolution", "duration": 4}, callback_in_writing=True
        )
        own = {"partner_id": engineer.partner_id.id, "user_id": engineer.id}
        calls = self.env["service.quality.callback"]
        for channel in ("telephone", "link", "portal"):
            call = self._handled(**own).service_callback_ids
            if channel == "telephone":
                self._complete(call, "2026-03-02 12:00", satisfaction="5")
            else:
                with freeze_time("2026-03-02 12:00"):
                    call._answer_in_writing(
                        {"solved": "yes", "satisfaction": "5"}, channel
                    )
            calls += call
        other = self._handled(user_id=engineer.id).service_callback_ids
        self._complete(
            other,
            "2026-03-02 12:00",
            solved="no",
            satisfaction="2",
            reason_ids=self.reason.ids,
        )
        self.assertEqual(set(calls.mapped("state")), {"ended"})
        self.assertEqual(calls.mapped("is_self_graded"), [True, True, True])
        self.assertFalse(other.is_self_graded)
        self._take("callback_solved", "satisfaction_mean")
        self.assertEqual(self._figure("satisfaction_mean").value, 2)
        self.assertEqual(self._figure("callback_solved").value, 0)
        [[mean, solved]] = self.env["service.quality.callback.report"]._read_group(
            [("callback_id", "in", (calls + other).ids)],
            [],
            ["satisfaction:avg", "solved_rate:avg"],
        )
        self.assertEqual((mean, solved), (2, 0))

    def test_counted_again_after_the_end_was_voided(self):
        """What a call was is in the ledger: a correction changes no closed figure."""
        calls = self._calls(3)
        # the customer was reached about all of them
        self._complete(calls[0], "2026-03-02 12:00")
        self._take("callback_attempted", "callback_reached")
        ended = calls[0].ticket_id.service_event_ids.filtered(
            lambda event: event.kind == "callback_ended"
        )
        with freeze_time("2026-04-10 09:00"):
            ended._void("Wrong customer")
        figure = self._figure("callback_reached")
        now = self.Counting._count(
            figure.indicator_id, self.company, figure._period(), ("company",)
        )
        self.assertEqual((now[0]["numerator"], now[0]["denominator"]), (2, 3))
        for code in ("callback_attempted", "callback_reached"):
            figure = self._figure(code)
            self.assertEqual((figure.numerator, figure.denominator), (3, 3))
            counted = figure._recount()[figure]
            self.assertEqual((counted["numerator"], counted["denominator"]), (3, 3))
