from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import ormcache

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from .image_mixin import draw_smaller
from .roles import DECIDING, ROLES, STAFF, group_of

OF_THE_TEAM = ("helpdesk.ticket",)
"""What waits in the team until a member takes it."""

AREAS = "service_quality_core.areas"
"""Where a transaction keeps the teams of users, see ``_service_areas``."""


class ResUsers(models.Model):
    _inherit = "res.users"

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def action_archive(self):
        """Archive users, and hand on what they have to do before Odoo deletes it."""
        self._service_hand_on()
        return super().action_archive()

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        self.env.cr.cache.pop(AREAS, None)
        users._service_keep_holdings(set())
        return users

    def write(self, vals):
        if "name" in vals:
            # one's own fields Odoo writes with all rights
            self.partner_id._service_check_name(vals["name"])
        if "active" in vals and not vals["active"]:
            self._service_hand_on()
        is_of_roles = not vals.keys().isdisjoint({"active", "group_ids"})
        before = self._service_holdings() if is_of_roles else None
        # here Odoo opens it, before the partner is given it
        result = super().write(draw_smaller(self.env, vals, "image_1920"))
        self.env.cr.cache.pop(AREAS, None)
        if is_of_roles:
            self._service_keep_holdings(before)
        return result

    def unlink(self):
        """Delete users, and hand on what would be deleted along with them."""
        if not self.env.context.get(MODULE_UNINSTALL_FLAG):  # all of it goes then
            self._service_hand_on()
        return super().unlink()

    # ------------------------------------------------------------------
    # Access
    # ------------------------------------------------------------------

    @api.readonly
    def has_groups(self, group_spec):
        """Answer for all who work here from memory.

        Odoo asks it each time that a field for staff is read, of each record of a list.
        """
        if group_spec == STAFF and self._ids == (self.env.uid,):
            return self._service_is_staff()
        return super().has_groups(group_spec)

    @ormcache("self.id")  # in the cache that each change of groups empties
    def _service_is_staff(self):
        return self.has_group(STAFF)

    # ------------------------------------------------------------------
    # Roles
    # ------------------------------------------------------------------

    def _service_holdings(self):
        """Return who of these users, or of all, holds a role that decides.

        :return: set of pairs of a user's id and a role
        """
        found = set()
        for role in DECIDING:
            # the groups of an addon that is being installed come after its models
            group = self.env.ref(group_of(role), raise_if_not_found=False)
            if group:
                # who holds a role is kept, whoever gives it
                holders = group.sudo().all_user_ids.filtered("active")
                found |= {(user.id, role) for user in holders}
        own = set(self.ids)
        return {one for one in found if one[0] in own} if own else found

    def _service_keep_holdings(self, before):
        """Keep who was given a role that decides, and from whom it was taken.

        These are rows among the corrections: a role that is given for an act and taken
        away after it is seen there.

        :param before: as :meth:`_service_holdings`
        """
        now = self._service_holdings()
        rows = [
            row
            for user_id, role in sorted(now ^ before)
            for row in self.browse(user_id)._service_prepare_holding(
                role, (user_id, role) in now
            )
        ]
        if rows:
            # nobody writes these rows
            self.env["service.quality.rectification"].sudo()._create_as_step(rows)

    def _service_prepare_holding(self, role, is_given):
        """Return what is kept of a role that was given or taken, for each company."""
        label = dict(ROLES)[role]
        user = self.sudo()  # of all companies
        return [
            {
                "company_id": company.id,
                "res_model": self._name,
                "res_id": self.id,
                "field_name": "group_ids",
                "kind": "setting",
                "old_value": None if is_given else role,
                "new_value": role if is_given else None,
                "old_text": "" if is_given else label,
                "new_text": label if is_given else "",
                "user_id": self.env.uid,
                "at": fields.Datetime.now(),
                "state": "done",
            }
            for company in user.company_ids
        ]

    # ------------------------------------------------------------------
    # Leaving
    # ------------------------------------------------------------------

    def _service_hand_on(self):
        """Hand on what these users, who leave, have to do.

        Calls in hand return to the queue and tickets to their team. What one person
        has to do goes to who is on duty for the team, leads it, or manages services,
        as far as they may read it; what is found by none of these stays for all.
        """
        leavers = self.filtered(lambda user: user.active and not user.share)
        # who archives a user need not see what that user worked on
        leavers = leavers.sudo().with_context(active_test=False)
        if not leavers:
            return
        env = leavers.env
        for model, (name, is_open) in leavers._service_duties().items():
            theirs = is_open & Domain(name, "in", leavers.ids)
            records = env[model].search(theirs)  # batched: once a model
            if model in OF_THE_TEAM:
                records.write({name: False})
                continue
            heirs = leavers._service_heirs(records)
            for heir, ids in _inverted(heirs).items():
                records.browse(ids).write({name: heir.id})  # batched: once a person
        leavers._service_hand_on_activities()

    @api.model
    def _service_duties(self):
        """Return what one person has to do; addons add their models.

        :return: dict of model to the field that names the person, and the domain of
            what is open
        """
        return {
            "helpdesk.ticket": ("user_id", Domain("closed", "=", False)),
            "service.quality.project": ("user_id", Domain("active", "=", True)),
        }

    @api.model
    def _service_on_duty(self, teams):
        """Return who is on duty now, as a dict of team id to users; see the roster."""
        return {}

    def _service_hand_on_activities(self):
        """Hand on the activities that are ours: on tickets and on our own records."""
        Activity = self.env["mail.activity"].with_context(service_no_follow=True)
        activities = Activity.search(
            Domain("user_id", "in", self.ids) & self._service_activity_domain()
        )
        for model, some in activities.grouped("res_model").items():
            heirs = self._service_heirs(self.env[model].browse(some.mapped("res_id")))
            by_heir = some.grouped(
                lambda one, heirs=heirs: heirs.get(one.res_id, self.browse())
            )
            for heir, theirs in by_heir.items():
                theirs._service_hand_to(heir)  # batched: once a person and model

    @api.model
    def _service_activity_domain(self):
        """Return the domain of activities that are ours; addons add their models."""
        return Domain("res_model", "=", "helpdesk.ticket") | Domain(
            "res_model", "=like", "service.quality.%"
        )

    def _service_heirs(self, records):
        """Return who takes over what these users had to do, by the id of a record."""
        teams = records.team_id if "team_id" in records._fields else None
        on_duty = self._service_on_duty(teams) if teams else {}
        people, readable, heirs = {}, {}, {}
        for record in records:
            for user in self._service_candidates(record, on_duty, people):
                if user not in readable:
                    seen = records.with_user(user).with_context(
                        allowed_company_ids=user.company_ids.ids, active_test=False
                    )
                    # batched: once a person
                    readable[user] = set(seen._filtered_access("read").ids)
                if record.id in readable[user]:
                    heirs[record.id] = user
                    break
        return heirs

    def _service_candidates(self, record, on_duty, people):
        """Return who may take a record over, the nearest first.

        :param on_duty: dict of team id to users
        :param people: dict in which the members of roles are kept
        """
        team = record["team_id"] if "team_id" in record._fields else None
        company = record["company_id"] if "company_id" in record._fields else None
        company = company or self[:1].company_id

        def of_role(role):
            if (role, company) not in people:
                people[role, company] = company._service_role_users(role)
            return people[role, company]

        found = self.browse()
        if hasattr(record, "_answerable"):
            found |= record._answerable(of_role)
        if team:
            found |= on_duty.get(team.id, found) | team.user_id
        for role in ("service_manager", "administrator"):
            found |= of_role(role)
        return found.filtered(lambda user: user.active and not user.share) - self

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _service_areas(self):
        """Return the teams that a user leads or works in, with all above them.

        Record rules ask it many times in a request: it is found once in a transaction,
        and again after a team has changed.
        """
        self.ensure_one()
        known = self.env.cr.cache.setdefault(AREAS, {})
        teams = self.env["helpdesk.ticket.team"].sudo()  # who works under whom
        if self.id not in known:
            # a team that is archived hides what was reported about it as before
            own = teams.with_context(active_test=False).search(
                ["|", ("user_ids", "in", self.ids), ("user_id", "=", self.id)]
            )
            known[self.id] = own._service_line().ids
        return teams.browse(known[self.id])

    def _service_led(self):
        """Return who works in the teams that a user leads, or below them."""
        # who works under whom, in teams that are archived too
        teams = self.env["helpdesk.ticket.team"].sudo().with_context(active_test=False)
        return teams.search([("user_id", "in", self.ids)])._service_members_below()

    def _service_works_for_all(self):
        """Return True if a user may change what is shared by every company."""
        self.ensure_one()
        if self.has_group("base.group_system"):
            return True
        user = self.sudo()  # also of companies that they do not see
        return not user.env["res.company"].search_count(
            [("id", "not in", user.company_ids.ids)], limit=1
        )


def _inverted(heirs):
    """Return the ids that each person takes over."""
    found = {}
    for record_id, heir in heirs.items():
        found.setdefault(heir, []).append(record_id)
    return found
