from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command

from .audit_common import AuditCase

BEGUN = datetime(2026, 6, 15, 8, 5)
NOW = datetime(2026, 6, 15, 9)
EVIDENCE = "Ten records of May in the helpdesk, all complete"
REASON = "Nothing of the kind was delivered in this year"
COMPETENCE = "Trained as an internal auditor in 2024"


class InternalAuditCase(AuditCase):
    """An audit of two clauses and of incidents, carried out by an expert.

    The tests stand on Monday, 15 June 2026. It was planned the week before, and begun
    at the opening meeting at 08:00; the closing meeting was at 08:30.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clauses = cls.regulation.clause_ids.filtered(
            lambda one: one.code in ("A3.2.1", "A4.2.3")
        )
        cls.colleague = cls._user("colleague", "technical_centre")
        cls.auditee = cls._user(
            "auditee", "desk", "quality", email="auditee@us.example"
        )
        cls.team.user_ids = cls.auditee

    @classmethod
    def _audit(cls, **values):
        """Return a planned audit with its team and a question of each kind."""
        with freeze_time(NOW - timedelta(days=7)):
            opening, closing = cls.env["calendar.event"].create(
                [
                    {
                        "name": name,
                        "start": start,
                        "stop": "2026-06-15 08:45:00",
                        "partner_ids": [
                            Command.set((cls.auditee | cls.expert).partner_id.ids)
                        ],
                    }
                    for name, start in (
                        ("Opening", "2026-06-15 08:00:00"),
                        ("Closing", "2026-06-15 08:30:00"),
                    )
                ]
            )
        with freeze_time(NOW - timedelta(days=7)):
            return (
                cls.env["mgmtsystem.audit"]
                .with_user(cls.inspector)
                .create(
                    {
                        "name": "First audit",
                        "date": "2026-06-15 08:00:00",
                        "service_date_end": "2026-06-15 17:00:00",
                        "service_agenda": "Incidents in the morning, clauses after",
                        "service_opening_event_id": opening.id,
                        "service_closing_event_id": closing.id,
                        "service_clause_ids": [Command.set(cls.clauses.ids)],
                        "service_process_ids": [Command.set(cls.incident.ids)],
                        "service_team_ids": [Command.set(cls.team.ids)],
                        "service_date_from": "2026-01-01",
                        "service_date_to": "2026-06-14",
                        "auditee_user_ids": [Command.set(cls.auditee.ids)],
                        "service_member_ids": [
                            Command.create(
                                {
                                    "user_id": cls.expert.id,
                                    "role": "lead",
                                    "competence": COMPETENCE,
                                }
                            )
                        ],
                        "line_ids": [
                            Command.create(
                                {
                                    "name": f"Is {clause.code} kept?",
                                    "service_topic": "clause",
                                    "service_clause_id": clause.id,
                                    "seq": number,
                                }
                            )
                            for number, clause in enumerate(cls.clauses)
                        ]
                        + [
                            Command.create(
                                {
                                    "name": "Are incidents recorded?",
                                    "service_topic": "process",
                                    "service_process_id": cls.incident.id,
                                    "seq": 9,
                                }
                            )
                        ],
                        **values,
                    }
                )
            )

    @classmethod
    def _begun(cls, **values):
        audit = cls._audit(**values)
        with freeze_time(BEGUN):
            audit.action_start()
        return audit

    @classmethod
    def _answer(cls, lines, verdict="conform", user=None, **values):
        """Answer questions as an auditor does."""
        values = {"service_verdict": verdict} | values
        if verdict in ("not_applicable", "not_looked_at"):
            values.setdefault("service_reason", REASON)
        else:
            values.setdefault("service_evidence", EVIDENCE)
        if verdict in ("observation", "opportunity", "minor", "major"):
            values.setdefault("service_finding", "Two records have no category")
            values.setdefault("service_owner_id", cls.owner.id)
        own = lines.filtered(lambda line: not user and cls._is_own_work(line))
        with freeze_time(NOW):
            (lines - own).with_user(user or cls.expert).write(values)
            own.with_user(cls.inspector).write(values)

    @classmethod
    def _is_own_work(cls, line):
        """Return True for what the expert's own role has to do."""
        roles = line.service_clause_id.obligation_ids.mapped("role")
        return set(roles) == {"technical_centre"}

    @classmethod
    def _sign(cls, audit):
        with freeze_time(NOW):
            for member in audit.service_member_ids:
                member.with_user(member.user_id or cls.inspector).action_sign()

    @classmethod
    def _close(cls, audit, moment=NOW):
        """Close an audit as the quality department does, all answered and signed."""
        rest = audit.line_ids.filtered(lambda line: not line.service_verdict)
        if rest:
            cls._answer(rest)
        cls._sign(audit)
        with freeze_time(moment):
            audit.with_user(cls.inspector).button_close()
        return audit
