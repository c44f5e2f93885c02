from freezegun import freeze_time

from odoo.tests import tagged

from .. import hooks
from .common import STAGES, ServiceQualityCase

TARGET = {"metric": "resolution", "duration": 8}


@tagged("post_install", "-at_install")
class TestTakeOver(ServiceQualityCase):
    """Tickets that were there before the ledger was."""

    def _forget(self, tickets):
        """Bring tickets to where they stood before the addon was installed."""
        self.env.flush_all()
        events = self.env["service.quality.event"]
        events._unlock_ledger()
        for table, column in (
            ("service_quality_event", "ticket_id"),
            ("service_quality_clock", "ticket_id"),
            ("service_quality_span", "ticket_id"),
        ):
            self.env.cr.execute(
                f"DELETE FROM {table} WHERE {column} = ANY(%s)", [tickets.ids]
            )
        events._lock_ledger()
        self.env.cr.execute(
            "UPDATE helpdesk_ticket SET service_revision = 0, "
            "service_opened_at = now(), create_date = '2026-03-02 09:00:00' "
            "WHERE id = ANY(%s)",
            [tickets.ids],
        )
        self.env.invalidate_all(flush=False)

    def _track(self, ticket, field, moment, old, new):
        """Write a tracked change as the chatter keeps it."""
        message = self.env["mail.message"].create(
            {
                "model": ticket._name,
                "res_id": ticket.id,
                "message_type": "notification",
                "date": moment,
            }
        )
        model_field = self.env["ir.model.fields"]._get(ticket._name, field)
        self.env["mail.tracking.value"].create(
            {
                "mail_message_id": message.id,
                "field_id": model_field.id,
                "old_value_integer": old.id,
                "new_value_integer": new.id,
            }
        )

    def test_history_is_read_from_what_was_tracked(self):
        """Stages, assignees and answers become rows with their own time."""
        agent = self._user("old_agent", "desk")
        self._agreement(TARGET, {**TARGET, "metric": "first_response"})
        ticket = self._ticket("2026-03-02 09:00:00", user_id=False)
        self._move(ticket, "resolved", "2026-03-03 10:00:00", user_id=agent.id)
        with freeze_time("2026-03-02 10:30:00"):
            ticket.with_user(agent).message_post(
                body="Hello", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        stages = self.stages
        self._track(
            ticket, "stage_id", "2026-03-02 10:00:00", stages["new"], stages["active"]
        )
        self._track(ticket, "user_id", "2026-03-02 11:00:00", agent.browse(), agent)
        self._track(
            ticket,
            "stage_id",
            "2026-03-03 10:00:00",
            stages["active"],
            stages["resolved"],
        )
        self._forget(ticket)
        hooks.take_over_tickets(self.env)
        expected = ["opened", "phase", "responded", "assigned", "phase"]
        self.assertEqual(self.kinds(ticket), expected)
        self.assertEqual(set(ticket.service_event_ids.mapped("origin")), {"migration"})
        opening = ticket.service_event_ids[-1]
        self.assertEqual((opening.value["phase"], opening.value["user"]), ("new", None))
        self.assertMoment(ticket.service_opened_at, "2026-03-02 09:00")
        self.assertEqual(self.clock(ticket).verdict, "missed")
        self.assertEqual(self.clock(ticket, "first_response").verdict, "met")
        self.assertConsistent(ticket)

    def test_what_was_not_tracked_is_not_invented(self):
        """The ledger ends where the ticket stands, also when nothing was tracked."""
        agent = self._user("old_agent", "desk")
        tickets = self.env["helpdesk.ticket"]
        for phase in self.stages:
            ticket = self._ticket("2026-03-02 09:00:00", user_id=False)
            if phase != "new":
                self._move(ticket, phase, "2026-03-02 12:00:00")
            tickets |= ticket
        tickets[0].user_id = agent
        tickets[1].active = False
        other = self._user("other_agent", "desk")
        self._track(tickets[0], "user_id", "2026-03-02 11:00:00", agent.browse(), other)
        self._forget(tickets)
        hooks.take_over_tickets(self.env)
        for ticket in tickets:
            last = ticket.service_span_ids.sorted("seq")[-1]
            self.assertEqual(last.phase, ticket.stage_id._service_phase())
            self.assertEqual(last.user_id, ticket.user_id)
            self.assertEqual(last.team_id, ticket.team_id)
        self.assertConsistent(tickets)

    def test_second_run_takes_over_nothing(self):
        """What has a ledger keeps it."""
        ticket = self._ticket("2026-03-02 09:00:00")
        hooks.take_over_tickets(self.env)
        self.assertEqual(ticket.service_event_ids.mapped("origin"), ["system"])

    def test_stages_are_mapped_once(self):
        """A phase that somebody chose is not overwritten, and nobody is left out."""
        stage = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_awaiting")
        ticket = self._ticket("2026-03-02 09:00:00", stage_id=stage.id)
        self._forget(ticket)
        stage.service_phase = False
        self.stages["active"].service_phase = "waiting_third_party"
        hooks.map_stages(self.env)
        self.assertEqual(stage.service_phase, "waiting_customer")
        self.assertEqual(self.stages["active"].service_phase, "waiting_third_party")
        hooks.take_over_tickets(self.env)
        self.assertEqual(self.kinds(ticket), ["opened"])

    def test_customers_get_our_mails_until_we_go(self):
        """Stages that send the helpdesk's mails send ours; uninstallation undoes it."""
        closed = self.env.ref("helpdesk_mgmt.closed_ticket_template")
        changed = self.env.ref("helpdesk_mgmt.changed_stage_template")
        own = closed.copy()
        rejected = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_rejected")
        stages = {
            self.stages["resolved"]: (closed, hooks.HANDLED),
            self.stages["cancelled"]: (closed, hooks.CANCELLED),
            rejected: (closed, hooks.CANCELLED),
            self.stages["active"]: (changed, hooks.STAGE),
        }
        for stage in self.stages["resolved"], self.stages["cancelled"], rejected:
            ours = self.env.ref(stages[stage][1])
            self.assertEqual(stage.mail_template_id, ours, "as it was installed")
        self.stages["active"].mail_template_id = self.env.ref(hooks.STAGE)
        self.stages["closed"].mail_template_id = own
        hooks.write_as_before(self.env)
        for stage, (theirs, _ours) in stages.items():
            self.assertEqual(stage.mail_template_id, theirs)
        rejected.active = False
        hooks.write_to_customers(self.env)
        for stage, (_theirs, ours) in stages.items():
            self.assertEqual(stage.mail_template_id, self.env.ref(ours))
        self.assertEqual(self.stages["closed"].mail_template_id, own)
        self.assertFalse(self.stages["new"].mail_template_id)

    def test_what_is_shipped_is_known(self):
        """The identifiers and names in the hook are those of the data files."""
        for model, names in hooks.SHIPPED.items():
            data = self.env["ir.model.data"].search(
                [("module", "=like", "service_quality%"), ("model", "=", model)]
            )
            records = self.env[model].with_context(lang="en_US")
            found = {one.name: records.browse(one.res_id).name for one in data}
            self.assertEqual(found, names)

    def test_earlier_installation_is_adopted(self):
        """Installing again takes the stages and types left behind; none is doubled."""
        left = self.stages["closed"] | self.stages["waiting_third_party"]
        left.with_context(lang="en_US").service_phase = False
        self.incident.active = False
        for records in (left, self.incident):
            self._forget_identifiers(records)
        hooks.pre_init_hook(self.env)
        hooks.map_stages(self.env)
        for phase in ("closed", "waiting_third_party"):
            stage = self.env.ref(STAGES[phase])
            self.assertEqual(stage, self.stages[phase])
            self.assertEqual(stage.service_phase, phase)
        kind = self.env.ref("service_quality_core.helpdesk_ticket_type_incident")
        self.assertEqual(kind, self.incident)

    def _forget_identifiers(self, records):
        identifiers = [("model", "=", records._name), ("res_id", "in", records.ids)]
        self.env["ir.model.data"].search(identifiers).unlink()

    def test_stage_of_one_company_is_not_adopted(self):
        """Ours are for every company; a company's own stage stays what it is."""
        self._forget_identifiers(self.stages["closed"])
        self.stages["closed"].company_id = self.env.company
        hooks.pre_init_hook(self.env)
        found = self.env.ref(STAGES["closed"], raise_if_not_found=False)
        self.assertFalse(found)

    def test_work_goes_on(self):
        """A ticket that was taken over is worked on like any other."""
        self._agreement(TARGET)
        ticket = self._ticket("2026-03-02 09:00:00")
        self._forget(ticket)
        hooks.take_over_tickets(self.env)
        self._move(ticket, "resolved", "2026-03-02 12:00:00")
        self.assertEqual(self.clock(ticket).verdict, "met")
        self.assertConsistent(ticket)
