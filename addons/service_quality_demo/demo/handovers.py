"""Tells of the shifts that are handed over in the demo's story."""

from datetime import timedelta

from odoo import fields

HANDOVERS = [
    {
        "ref": "morning",
        "team": "site",
        "from": "wang",
        "to": "liu",
        "at": timedelta(hours=4),
        "note": "清和医院的备件下午到货，到后先电话联系高翔再上门。",
        "taken": timedelta(hours=3, minutes=50),
    },
    {
        "ref": "evening",
        "team": "operations",
        "from": "jonas",
        "to": "yue",
        "at": timedelta(minutes=25),
        "note": "The bank calls at six about the storage controller: Li Ming wants to "
        "hear from us before his own report. Keep an eye on the leased line.",
    },
]
"""How long ago; the second one waits for the next."""


def tell_handovers(demo):
    """Hand the shifts over by the steps that a hand takes in the client."""
    demo = demo.with_context(mail_activity_quick_update=True)
    told = {}
    for story in HANDOVERS:  # batched: two of them
        giver, taker = (demo._ref("user", story[who]) for who in ("from", "to"))
        handover = (
            demo.env["service.quality.handover"]
            .with_user(giver)
            .create(
                {
                    "team_id": demo._ref("team", story["team"]).id,
                    "to_user_id": taker.id,
                    "note": story["note"],
                }
            )
        )
        handover.action_hand_over()
        if "taken" in story:
            handover.with_user(taker).action_take_over()
        now = fields.Datetime.now()
        handover.sudo()._write_as_step(  # the story is told in one moment
            {
                "at": now - story["at"],
                "taken_at": "taken" in story and now - story["taken"],
            }
        )
        told[story["ref"]] = handover
    demo._name_records("handover", told)
