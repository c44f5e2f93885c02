"""Tells of the audit programme: one audit is done, with findings, and one planned."""

import logging

from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

DONE_DAYS, PLANNED_DAYS = 40, 30
"""So many days ago one audit was held, and in so many days the next one is."""

SEED = "Operations 7"
"""What the auditees named at the opening meeting."""

PROGRAMME = "每个条款、每个交付环节一年内至少审核一次；上半年看现场，下半年看运维中心。"
AGENDA = "09:00 opening; morning: incidents and requests with On-site Support; "
AGENDA += "afternoon: clauses; 16:00 closing meeting."
LEAD = "内审员证书（2023），主持过四次内审。"
EXPERT = "Fifteen years in data centres; trained as an internal auditor in 2024."
OUTSIDER = "孙立 Sun Li, external auditor"
OVERRIDDEN = "没有其他人熟悉网络与存储；现场工单由组长复核。"

CLAUSES = ("A3.4.2", "A3.4.5", "A3.6.1", "A4.1.3")

CONFORMS = "抽查记录与现场一致，记录见样本清单。"
NOT_LOOKED_AT = "现场时间不足，列入下一次审核。"

FINDINGS = [
    (
        "process",
        "minor",
        "十件事件中有三件没有写明处理过程。",
        "事件样本十件，逐件核对处理记录。",
        "wang",
    ),
    (
        "team",
        "observation",
        "Spare parts are counted by one person from memory.",
        "Walk through the store with the team leader.",
        "liu",
    ),
    (
        "clause",
        "opportunity",
        "Send service sheets by mail on the same day",
        "Six service sheets of the last month, two of them on paper.",
        "zhao",
    ),
]
"""On the first question of which kind, verdict, finding, evidence and owner."""


def tell_audits(demo):
    """Plan the year's audits, carry one out, and plan the other."""
    demo = demo.with_context(
        mail_activity_quick_update=True, no_mail_to_attendees=True, dont_notify=True
    )
    today = fields.Date.today()
    wu = demo._ref("user", "wu")
    programme = (
        demo.env["service.quality.audit.programme"]
        .with_user(wu)
        .create(
            {
                "year": today.year,
                "objective": PROGRAMME,
                "review_date": today + relativedelta(day=31),
            }
        )
    )
    demo._name_records("audit_programme", {"year": programme})
    done = _plan(demo, programme, "site", today - relativedelta(days=DONE_DAYS))
    planned = _plan(
        demo, programme, "operations", today + relativedelta(days=PLANNED_DAYS)
    )
    demo._name_records("audit", {"done": done, "planned": planned})
    _carry_out(demo, done)


def _plan(demo, programme, team, day):
    """Plan an audit of a department with its team, checklist and meetings."""
    wu, xu = (demo._ref("user", name) for name in ("wu", "xu"))
    team = demo._ref("team", team)
    members = [{"user_id": wu.id, "role": "lead", "competence": LEAD}]
    if team.user_id != xu:
        members.append({"user_id": xu.id, "competence": EXPERT})
    else:
        # nobody audits the department that they lead: somebody from outside does
        outsider = demo.env["res.partner"].create({"name": OUTSIDER})
        demo._name_records("partner", {"auditor": outsider})
        members.append({"partner_id": outsider.id, "competence": EXPERT})
    types = demo.env["helpdesk.ticket.type"]
    for key in ("incident", "request"):
        types |= demo.env.ref(f"service_quality_core.helpdesk_ticket_type_{key}")
    regulation = demo.env.ref("service_quality_regulation.regulation_a")
    clauses = regulation.clause_ids.filtered(lambda one: one.code in CLAUSES)
    begin = fields.Datetime.to_datetime(day) + relativedelta(hours=1)
    audit = (
        demo.env["mgmtsystem.audit"]
        .with_user(wu)
        .create(
            {
                "name": f"内审 Internal audit · {team.name}",
                "service_programme_id": programme.id,
                "date": begin,
                "service_date_end": begin + relativedelta(hours=7),
                "service_agenda": AGENDA,
                "service_seed": SEED,
                "service_process_ids": [Command.set(types.ids)],
                "service_team_ids": [Command.set(team.ids)],
                "service_clause_ids": [Command.set(clauses.ids)],
                "service_date_from": day - relativedelta(months=6),
                "service_date_to": day - relativedelta(days=1),
                "auditee_user_ids": [Command.set(team.user_id.ids)],
                "service_member_ids": [Command.create(one) for one in members],
            }
        )
    )
    planned = begin - relativedelta(days=7)
    audit._write_as_step({"service_planned_at": planned})
    audit.action_plan_meetings()
    meetings = audit.service_opening_event_id | audit.service_closing_event_id
    meetings._service_plan_as_step(planned)
    audit.action_make_checklist()
    return audit.with_env(demo.env)


def _carry_out(demo, audit):
    """Draw samples, answer each question, sign, and close."""
    own = audit.with_user(demo._ref("user", "wu"))
    executive = demo._ref("user", "he")
    for member in audit.service_member_ids.filtered("has_conflict"):  # batched: two
        member.with_user(executive).override_reason = OVERRIDDEN
        member.with_user(executive).action_override()
    samples = demo.env["service.quality.audit.sample"].with_user(own.env.user)
    samples.create(
        [
            {"audit_id": audit.id, "kind": "ticket", "process_id": one.id, "size": 10}
            for one in audit.service_process_ids
        ]
    )
    own.action_start()
    audit._write_as_step({"service_started_at": audit.date})
    _answer(demo, audit)
    held = audit.service_date_end
    audit.line_ids._write_as_step({"service_answered_at": held})
    try:
        with demo.env.cr.savepoint():
            for member in audit.service_member_ids:  # batched: two
                member.with_user(member.user_id).action_sign()
            own.button_close()
    except UserError as error:
        _logger.warning("The demo's audit is not closed: %s", error)
        return
    audit._write_as_step({"closing_date": held})
    audit.signature_ids._write_as_step({"at": held})
    raised = audit.line_ids.service_nonconformity_id
    raised._write_as_step({"service_raised_at": held, "service_step_since": held})


def _answer(demo, audit):
    """Answer each question by an auditor whose own work it is not."""
    rest = audit.line_ids
    found = {}
    for topic, verdict, finding, evidence, owner in FINDINGS:
        line = rest.filtered(lambda one, t=topic: one.service_topic == t)[:1]
        found[line] = {
            "service_verdict": verdict,
            "service_finding": finding,
            "service_evidence": evidence,
            "service_owner_id": demo._ref("user", owner).id,
        }
    for line, values in found.items():  # batched: three findings
        for user, own in _by_auditor(line).items():
            own.with_user(user).write(values)
        rest -= line
    for user, own in _by_auditor(rest).items():
        own.with_user(user).write(
            {"service_verdict": "conform", "service_evidence": CONFORMS}
        )


def _by_auditor(lines):
    """Return which auditor answers which questions: dict of user to questions."""
    members = lines.audit_id.service_member_ids
    return lines.grouped(
        lambda line: (
            next(
                (one for one in members if not one._may_look_at(line)), members[:1]
            ).user_id
        )
    )
