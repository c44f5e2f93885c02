"""The four databases of a comparison, opened in one process and set up alike."""

import os
from contextlib import contextmanager
from datetime import date, datetime

import odoo
from odoo import api
from odoo.fields import Command
from odoo.modules.registry import Registry

FLAVOURS = ("bare", "peer", "core", "ours")
HOLIDAYS = ((1, 1), (4, 5), (5, 1), (6, 10), (9, 17), (10, 1), (10, 2), (10, 3))
STAGES = {
    "stage_active": "helpdesk_mgmt.helpdesk_ticket_stage_in_progress",
    "stage_waiting": "helpdesk_mgmt.helpdesk_ticket_stage_awaiting",
    "stage_done": "helpdesk_mgmt.helpdesk_ticket_stage_done",
}

SIGNED = {
    "date_start": date(2020, 1, 1),
    "signed_by_us": "Provider",
    "signed_by_us_on": date(2020, 1, 1),
    "signed_by_customer": "Customer",
    "signed_by_customer_on": date(2020, 1, 1),
}
"""Of an agreement that is signed, and in force for any ticket."""


class Database:
    """One of the databases, with the records that tickets refer to."""

    def __init__(self, flavour):
        self.flavour = flavour
        self.registry = Registry(os.environ[f"BENCH_{flavour.upper()}"])
        with self.transaction() as env:
            self.user_id = env.ref("base.user_admin").id
            self.stages = {name: env.ref(xmlid).id for name, xmlid in STAGES.items()}
            self._set_up(env)

    @contextmanager
    def transaction(self, user_id=api.SUPERUSER_ID):
        """Give an environment without a cache, in the default context, and commit.

        What waits for the commit is dropped: mails that nobody is to get.
        """
        with self.registry.cursor() as cr:
            yield api.Environment(cr, user_id, {})
            cr.flush()
            cr.postcommit.clear()

    def _set_up(self, env):
        users = env["res.users"].create(
            [
                {
                    "name": f"Agent {number}",
                    "login": f"agent{number}",
                    "group_ids": [
                        Command.link(env.ref("helpdesk_mgmt.group_helpdesk_user").id)
                    ],
                }
                for number in range(3)
            ]
        )
        self.team_id = (
            env["helpdesk.ticket.team"]
            .create({"name": "Service desk", "user_ids": [Command.set(users.ids)]})
            .id
        )
        categories = [{"name": f"Category {number}"} for number in range(5)]
        self.category_ids = env["helpdesk.ticket.category"].create(categories).ids
        self.partner_ids = self._contacts(env).ids
        if self.flavour == "bare":
            return
        self.calendar_id = self._calendar(env).id
        if self.flavour == "peer":
            self._make_policies(env)
        else:
            self._make_agreement(env)

    def _calendar(self, env):
        """Monday to Friday 9–18, with holidays for the years around."""
        calendar = make_calendar(env, "Office hours", "Asia/Shanghai")
        year = date.today().year
        env["resource.calendar.leaves"].create(
            [
                {
                    "name": "Holiday",
                    "calendar_id": calendar.id,
                    "date_from": datetime(at, month, day),
                    "date_to": datetime(at, month, day, 23, 59, 59),
                }
                for at in range(year - 3, year + 3)
                for month, day in HOLIDAYS
            ]
        )
        return calendar

    def _contacts(self, env):
        companies = env["res.partner"].create(
            [{"name": f"Customer {number}", "is_company": True} for number in range(10)]
        )
        return env["res.partner"].create(
            [
                {
                    "name": f"Contact {number}",
                    "parent_id": company.id,
                    "email": f"contact{number}@example.com",
                    "phone": f"+86 10 5555 {number:04}",
                }
                for number, company in enumerate(companies)
            ]
        )

    def _make_policies(self, env):
        """Two policies of helpdesk_mgmt_sla, as its own documentation has them."""
        env["helpdesk.ticket.team"].browse(self.team_id).write(
            {"use_sla": True, "resource_calendar_id": self.calendar_id}
        )
        env["helpdesk.sla"].create(
            [
                {
                    "name": name,
                    "team_ids": [Command.link(self.team_id)],
                    "stage_id": self.stages[stage],
                    "hours": hours,
                    "ignore_stage_ids": [Command.link(self.stages["stage_waiting"])],
                }
                for name, stage, hours in (
                    ("Response", "stage_active", 1),
                    ("Resolution", "stage_done", 8),
                )
            ]
        )

    def _make_agreement(self, env):
        """An agreement with three targets: three clocks per ticket."""
        env["service.quality.agreement"].create(
            {
                "name": "Office hours",
                "calendar_id": self.calendar_id,
                **SIGNED,
                "target_ids": [
                    Command.create(
                        {"metric": metric, "duration": hours, "unit": "hour"}
                    )
                    for metric, hours in (
                        ("first_response", 1),
                        ("resolution", 8),
                        ("update", 4),
                    )
                ],
            }
        ).action_sign()


def make_calendar(env, name, tz):
    """Return a new calendar of Monday to Friday, 9 to 18."""
    days = [
        {
            "name": f"Day {day}",
            "dayofweek": str(day),
            "hour_from": 9,
            "hour_to": 18,
            "day_period": "morning",
        }
        for day in range(5)
    ]
    attendances = [Command.clear(), *map(Command.create, days)]
    return env["resource.calendar"].create(
        {"name": name, "tz": tz, "attendance_ids": attendances}
    )


def open_databases(flavours=FLAVOURS):
    """Start Odoo in this process; return the databases by flavour."""
    start_odoo()
    return {flavour: Database(flavour) for flavour in flavours}


def start_odoo():
    """Start Odoo in this process."""
    odoo.tools.config.parse_config(
        ["--no-http", "--max-cron-threads=0", "--log-level=error"], setup_logging=True
    )
