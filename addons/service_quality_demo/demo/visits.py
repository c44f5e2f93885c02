"""Tells of the visits in the story: what was done on site, and who goes where next.

Arrivals and departures are steps of the tickets; here is what the engineers wrote.
Nothing is signed: a sheet is printed then, and its style sheet is not served while a
database is being made. Sign one in *My Visits* to see it.
"""

import re
from datetime import timedelta

from odoo import Command, fields

from .course import later

PLANNED = (
    ("bank_12", "liu", "1d09:30"),
    ("hospital_01", "liu", "0d15:00"),
    ("hospital_04", "wang", "2d10:00"),
    ("logistics_02", "jonas", "1d10:00"),
)
"""Ticket, engineer, and when: working days ahead with the customer's local time."""

WRITTEN = {
    "bank_03": "主存储 A 控制器已更换，缓存同步完成，双控恢复。",
    "bank_13": "Power supply of the terminal is dead, a new one is on the way up.",
    "hospital_02": "三台指引单打印机的驱动已回退，打印恢复正常。",
}
"""What was done on site for tickets that are not solved yet."""

PARTS = {
    "bank_03": [("taken", "存储控制器 Storage controller", "SC-88213", "上海备件库")],
    "bank_13": [("taken", "Power supply 350 W", "PS-2291", "Van 3")],
    "bank_20": [
        ("taken", "Memory module 64 GB", "MM-5520", "上海备件库"),
        ("returned", "Memory module 64 GB", "MM-1187", "上海备件库"),
    ],
    "bank_26": [("taken", "Roller kit", "", "Van 3")],
    "bank_30": [("taken", "电源适配器 Power adapter", "PA-0417", "Van 2")],
    "hospital_05": [("taken", "Graphics adapter", "GA-7731", "杭州备件库")],
    "hospital_12": [
        ("taken", "读卡器 Card reader", "CR-3301", "杭州备件库"),
        ("taken", "读卡器 Card reader", "CR-3302", "杭州备件库"),
    ],
}
"""Direction, part, serial number and stock."""

ON_PAPER = {"zh": "当时在纸质单上签字", "en": "Signed on paper at that time"}
"""The reason of visits before sheets were signed on the phone."""

PAPER_ENDED = timedelta(days=2)


def tell_visits(demo):
    """Write what was done on the visits that were made, and plan the next ones."""
    told = demo.env["ir.model.data"].search(
        [("module", "=like", "service_quality%"), ("name", "=like", "demo_ticket_%")]
    )
    refs = {data.res_id: data.name.removeprefix("demo_ticket_") for data in told}
    visits = demo.env["service.quality.visit"]
    for visit in visits.search([("ticket_id", "in", list(refs))]):
        visit.write(prepare_record(visit, refs[visit.ticket_id.id]))  # a dozen
        if visit.unsigned_reason:  # written down there and then
            visit._write_as_step({"settled_at": visit.left_at})
    visits.create([prepare_plan(demo, *plan) for plan in PLANNED])


def prepare_record(visit, ref):
    """Return what the engineer of a visit wrote down."""
    work = WRITTEN.get(ref) or visit.ticket_id.service_work_done or False
    values = {
        "work_done": work,
        "part_ids": [
            Command.create(
                {
                    "direction": direction,
                    "name": name,
                    "serial": serial,
                    "place": place,
                }
            )
            for direction, name, serial, place in PARTS.get(ref, ())
        ],
    }
    if visit.left_at and visit.left_at < fields.Datetime.now() - PAPER_ENDED:
        values["unsigned_reason"] = ON_PAPER["zh" if is_chinese(work) else "en"]
    return values


def is_chinese(text):
    return bool(re.search("[一-鿿]", text or ""))


def prepare_plan(demo, ref, user, when):
    """Return the values of a visit that is still to be made."""
    ticket = demo._ref("ticket", ref)
    now = fields.Datetime.now()
    return {
        "ticket_id": ticket.id,
        "user_id": demo._ref("user", user).id,
        "planned_at": later(now, when, ticket.partner_id.tz),
    }
