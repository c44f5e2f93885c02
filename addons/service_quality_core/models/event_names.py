from odoo import fields


class EventNames:
    """Reads at once the names of all records that a set of rows refers to."""

    _models = {
        "user": "res.users",
        "team": "helpdesk.ticket.team",
        "party": "res.partner",
        "customer": "res.partner",
        "category": "helpdesk.ticket.category",
        "process": "helpdesk.ticket.type",
        "of": "helpdesk.ticket",
    }

    def __init__(self, env, events):
        self.env = env
        # what a ticket refers to now exists, and is mostly read already: no look for it
        tickets = events.ticket_id.sudo()  # of rows that the reader may see
        contacts = tickets.partner_id
        there = {
            "res.users": tickets.user_id,
            "helpdesk.ticket.team": tickets.team_id,
            "res.partner": contacts | contacts.commercial_partner_id,
            "helpdesk.ticket.category": tickets.category_id,
            "helpdesk.ticket.type": tickets.type_id,
        }
        wanted = {}
        for event in events:
            for key, model in self._models.items():
                if (event.value or {}).get(key):
                    wanted.setdefault(model, set()).add(event.value[key])
        self.names = {
            (model, record.id): record.display_name
            for model, found in wanted.items()
            for record in self._existing(model, found, there.get(model))
        }
        selection = env["helpdesk.ticket.stage"]._fields["service_phase"]
        self.phases = dict(selection._description_selection(env))
        self.metrics = dict(env["service.quality.target"]._metric_selection())
        priorities = env["helpdesk.ticket"]._fields["priority"]
        self.priorities = dict(priorities._description_selection(env))

    def _existing(self, model, ids, there):
        """Return the records of some ids that exist, given some that do.

        They are for names only, that a reader of the ticket sees there anyway.
        """
        records = self.env[model].sudo()  # names only
        known = records.browse(there._ids if there else ()) & records.browse(ids)
        return known | (records.browse(ids) - known).exists()

    def name(self, value, key):
        """Return the name of what a value holds under a key, or None."""
        return self.names.get((self._models[key], value.get(key)))

    def summary(self, event):
        """Return what a row holds, in words."""
        value = event.value or {}
        parts = [
            self.metrics.get(value.get("metric")),
            self.phases.get(value.get("phase")),
        ]
        if event.kind in ("opened", "reclassified"):
            parts += [
                self.name(value, "customer"),
                self.name(value, "category"),
                self.name(value, "process"),
                self.priorities.get(value.get("priority")),
            ]
        if event.kind != "reclassified":
            parts += [self.name(value, key) for key in ("user", "team", "party", "of")]
        else:
            parts.append(self.name(value, "team"))
        for moment in filter(None, (value.get("deadline"), value.get("until"))):
            local = fields.Datetime.context_timestamp(
                event, fields.Datetime.to_datetime(moment)
            )
            parts.append(f"→ {local:%Y-%m-%d %H:%M}")
        return " · ".join(part for part in parts if part)
