from .common import ServiceQualityCase

NOW = "2026-03-20 12:00:00"


class ImportCase(ServiceQualityCase):
    """An agreement, who may import, and one record of a ticket with its history."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Ticket = cls.env["helpdesk.ticket"]
        cls.agreement = cls._agreement(
            {"metric": "first_response", "duration": 1},
            {"metric": "resolution", "duration": 8},
            {"metric": "resolution", "duration": 4, "team_id": cls.other_team.id},
        )
        cls.agent = cls._user("import_agent", "staff", name="Ada Agent")
        cls.manager = cls._user("import_manager", "service_manager")

    def _record(self, ref="A-1", events=(), **values):
        return {
            "external_ref": ref,
            "name": "No dial tone",
            "opened_at": "2026-03-02 09:00:00",
            "partner": self.contact.id,
            "team": "First line",
            "priority": "1",
            "events": list(events),
            **values,
        }

    def _history(self):
        return [
            {"at": "2026-03-02 09:30:00", "kind": "assigned", "user": "import_agent"},
            {"at": "2026-03-02 09:30:00", "kind": "phase", "phase": "active"},
            {"at": "2026-03-02 09:45:00", "kind": "responded"},
            {"at": "2026-03-02 12:00:00", "kind": "phase", "phase": "waiting_customer"},
            {"at": "2026-03-03 11:00:00", "kind": "assigned", "team": "Network"},
            {"at": "2026-03-03 11:00:00", "kind": "phase", "phase": "active"},
            {"at": "2026-03-03 13:00:00", "kind": "phase", "phase": "resolved"},
            {"at": "2026-03-05 09:00:00", "kind": "phase", "phase": "closed"},
        ]

    def _import(self, *records, **options):
        return self.Ticket.service_import(list(records), **options)

    def _one(self, record, outcome="created", **options):
        """Import one record, expect an outcome, and return the ticket."""
        [result] = self._import(record, **options)
        self.assertEqual(result["outcome"], outcome, result["reason"])
        return self.Ticket.browse(result["ticket_id"])

    def assertRefused(self, record, what, row=0):
        [result] = self._import(record)
        self.assertEqual(result["outcome"], "refused")
        self.assertEqual(
            (result["reason"]["what"], result["reason"]["row"]), (what, row)
        )
        self.assertFalse(result["ticket_id"])

    def _rows(self, ticket):
        return ticket.service_event_ids.sorted(lambda row: (row.at, row.seq, row.id))
