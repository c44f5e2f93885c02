"""Finds the records that imported tickets name, with one query per model."""

from odoo.fields import Domain

from ..tools.form_text import shown
from ..tools.import_history import Refusal, Remark

MODELS = {
    "company": ("res.company", ("name",)),
    "team": ("helpdesk.ticket.team", ("complete_name", "name")),
    "user": ("res.users", ("login", "name")),
    "partner": ("res.partner", ("ref", "name")),
    "category": ("helpdesk.ticket.category", ("complete_name", "name")),
    "channel": ("helpdesk.ticket.channel", ("name",)),
    "process": ("helpdesk.ticket.type", ("name",)),
}
"""What a name may stand for: the model, and where the name is looked for, in order."""

NAMED = frozenset(MODELS)

EXTRA = {"partner": ["commercial_partner_id"], "category": ["parent_path"]}
CREATABLE = ("partner", "team", "category", "channel")
DISPENSABLE = {"user", "channel"}
"""What decides no promise: an unknown one is left out and reported. Anything else
would change which target applies, so that its ticket is refused."""

OF_COMPANY = {"team", "partner", "category", "channel"}
PATH = " / "


class ImportNames:
    """Turns names and ids into ids, within the company of each ticket.

    :param create_missing: the keys of which unknown names become new records
    """

    def __init__(self, env, create_missing=()):
        self.env = env
        self.create_missing = set(create_missing)
        self.paths, self.customers = {}, {}  # category: ids from its root; partner: id
        self.missing = {}  # (key, company id): names to be created, in order
        self._by_id = {key: {} for key in MODELS}  # id: company id or False
        self._by_name = {key: {} for key in MODELS}  # (field, name): records
        self._resolved = {}

    # ------------------------------------------------------------------
    # External API
    # ------------------------------------------------------------------

    def load(self, wanted):
        """Read the records that are wanted.

        :param wanted: dict of key to a set of names and ids
        """
        for key, found in wanted.items():
            texts = [name.strip() for name in found if isinstance(name, str)]
            ids = [name for name in found if type(name) is int]
            if texts or ids:
                self._index(key, self._search(key, texts, ids))

    def resolve(self, key, given, company_id, number=0):
        """Return ``(id or None, Remark or None)`` of a name or id.

        :raise Refusal: when it is unknown or ambiguous and decides a promise
        """
        if not given:
            return None, None
        if type(given) not in (int, str):
            raise Refusal("bad_name", number, key=key, given=shown(given))
        name = given.strip() if isinstance(given, str) else given
        known = self._resolved.get((key, name, company_id))
        if known is None:
            known = self._find(key, name, company_id)
            self._resolved[key, name, company_id] = known
        record_id, what = known
        if not what:
            return record_id, None
        if isinstance(name, str) and what == "unknown" and key in self.create_missing:
            self.missing.setdefault((key, company_id), {})[name] = None
            return None, None
        values = {"key": key, "given": shown(given)}
        if key in DISPENSABLE and isinstance(name, str):
            return None, Remark(what, number, values)
        raise Refusal(what, number, **values)

    def add_missing(self):
        """Create the records that are missing; names resolve from then on."""
        for (key, company_id), names in self.missing.items():
            Model = self.env[MODELS[key][0]].with_context(tracking_disable=True)
            vals_list = [{"name": name} for name in names]
            if key != "partner":  # contacts are shared by the companies
                vals_list = [dict(vals, company_id=company_id) for vals in vals_list]
            self._index(key, Model.create(vals_list))  # batched: one call per model
        self.missing, self._resolved = {}, {}

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _search(self, key, texts, ids):
        """Return the records with one of some ids, or that bear one of some names."""
        model, fields = MODELS[key]
        domain = Domain("id", "in", ids)
        for field in fields:
            if field == "complete_name":  # found by its last part
                continue
            names = {name.rpartition(PATH)[2] for name in texts} | set(texts)
            domain |= Domain(field, "in", list(names))
        if key == "company":
            domain &= Domain("id", "in", self.env.companies.ids)
        elif key == "user":
            domain &= Domain("share", "=", False)
        Model = self.env[model].with_context(active_test=False)
        return Model.search_fetch(domain, [*fields, *EXTRA.get(key, ()), "active"])

    def _index(self, key, records):
        by_id, by_name = self._by_id[key], self._by_name[key]
        for record in records:
            by_id[record.id] = record.company_id.id if key in OF_COMPANY else False
            if key == "category":
                path = record.parent_path
                self.paths[record.id] = [int(part) for part in path.split("/") if part]
            elif key == "partner":
                self.customers[record.id] = record.commercial_partner_id.id
            for field in MODELS[key][1]:
                if record[field]:
                    by_name.setdefault((field, record[field]), []).append(record)

    def _find(self, key, name, company_id):
        """Return ``(id, None)``, or None and what is the matter."""
        companies = (False, company_id)
        by_id = self._by_id[key]
        if isinstance(name, int):
            fits = by_id.get(name, ()) in companies
            return (name, None) if fits else (None, "unknown_id")
        for field in MODELS[key][1]:
            records = self._by_name[key].get((field, name), ())
            records = [record for record in records if by_id[record.id] in companies]
            active = [record for record in records if record.active]
            if len(active or records) == 1:
                return (active or records)[0].id, None
            if records:
                return None, "ambiguous"
        return None, "unknown"


class ImportStages:
    """Finds the stages of teams for the phases of an import; they are read once."""

    def __init__(self, env):
        stages = env["helpdesk.ticket.stage"].search([])
        self._stages = [
            (stage, stage._service_phase(), stage.company_id.id, stage.team_ids._ids)
            for stage in stages
        ]
        self._found = {}

    def find(self, phase, team_id, company_id):
        """Return a team's first stage in a phase, None where it has none."""
        key = (phase, team_id, company_id)
        if key not in self._found:
            self._found[key] = next(
                (
                    stage
                    for stage, its_phase, its_company, teams in self._stages
                    if its_phase == phase
                    and its_company in (False, company_id)
                    and (not teams or team_id in teams)
                ),
                None,
            )
        return self._found[key]
