"""Has the steps of an agreement apart from its fields, with what each step asks for."""

from datetime import UTC, date, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)
"""Days outside are slips of the keyboard, and cannot be reckoned with in all zones."""


class ServiceQualityAgreement(models.Model):
    """Signs, amends and ends agreements, which puts them in force and out of it."""

    _inherit = "service.quality.agreement"

    _second_roles = ("service_manager", "project_manager")
    # the signatures, and what may change on a signed agreement
    _not_authored = frozenset(
        {
            "signed_by_us", "signed_by_us_on", "signed_by_customer",
            "signed_by_customer_on", "document_ids", "salesperson_id", "manager_id",
        }
    )  # fmt: skip

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        for agreement in self:
            for day in (agreement.date_start, agreement.date_end):
                if day and not EARLIEST <= day <= LATEST:
                    raise ValidationError(
                        self.env._(
                            "The day %s is not plausible. Choose one in the years "
                            "from 1990 to 2100.",
                            day,
                        )
                    )

    @api.constrains("document_ids")
    def _check_documents(self):
        self.sudo().document_ids._service_check_evidence()  # the file of who signs

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_sign(self):
        """Put the agreement in force, its previous version ending where it starts.

        A next version holds from now on at the earliest, whatever day was entered:
        what was promised until then stays. A new agreement may be dated back; it takes
        no ticket that came in before from an agreement under which it was, nor from a
        house rule that promises more.

        :raise AccessError: for who only drafts agreements, or has written in this one
        :raise ValidationError: with all that is missing
        """
        self._ensure_some()
        self.check_access("read")
        self._check_second_person(self._signing_refusal())
        agreements = self.sudo()  # also an executive or a deputy, who do not write
        agreements._check_dates()
        for agreement in agreements:
            agreement._check_signable()
        agreements._check_previous()
        self._decide_as_second_person(self.env._("Signed"), self._signing_refusal())
        agreements._put_in_force()
        return True

    def _put_in_force(self):
        self._hold_from_signing()
        # what a working day is, is settled now
        self.target_ids._compute_seconds()
        self._keep_hours()
        for agreement in self:
            agreement._write_as_step(  # batched: one is signed at a time
                {
                    "state": "signed",
                    "proved_from": agreement._proved_day(),
                    "signed_categories": agreement._category_names(),
                }
            )
        self._enter_terms()
        self._end_previous()
        for agreement in self:
            agreement._rematch_open_tickets(
                agreement.date_start, self.env._("An agreement was signed.")
            )

    def action_amend(self):
        """Open the draft of the next version, made from this one if there is none."""
        self.ensure_one()
        self._check_may_decide()
        self._service_lock()  # of two at once, one makes the draft
        if self.state == "draft":
            raise UserError(
                self.env._("The agreement is still a draft: change it right here.")
            )
        newest = self._newest_signed()
        if newest != self:
            raise UserError(
                self.env._(
                    "The agreement has a next version already. Amend the newest one: "
                    "%s.",
                    newest.display_name,
                )
            )
        draft = self.next_ids.filtered(lambda agreement: agreement.state == "draft")
        if not draft:
            draft = self.copy(
                {
                    "name": self.name,
                    "number": self.number,
                    "date_start": self.company_id._service_day(),
                }
            )
            draft._write_as_step({"previous_id": self.id, "version": self.version + 1})
            draft._follow_version()
        return draft[:1].get_formview_action()

    def action_end(self):
        """Ask for the day from which the agreement is no longer in force."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("End the agreement"),
            "res_model": "service.quality.agreement.end",
            "view_mode": "form",
            "target": "new",
            "context": {"default_agreement_id": self.id},
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _keep_hours(self):
        """Keep the working time as it was signed: what changes it is approved."""
        for agreement in self:
            start = agreement._midnight(agreement.date_start)
            calendars = agreement.target_ids.mapped(lambda target: target._calendar())
            calendars._service_store_timetables(  # batched: one is signed at a time
                int(start.replace(tzinfo=UTC).timestamp())
            )

    def _category_names(self):
        """Return what the categories that it covers are called, one a line."""
        named = self.category_ids | self.target_ids.category_id
        categories = named.with_context(active_test=False)
        covered = categories.search([("id", "child_of", categories.ids)])
        lang = self.company_id._service_lang()
        names = covered.with_context(lang=lang).mapped("complete_name")
        return "\n".join(sorted(names)) or False

    def _proved_day(self):
        """Return the day from which on the register counts what is signed now.

        A day that somebody types proves nothing by itself: only the paper that both
        sides signed does, as it is attached when the second person signs here.
        """
        today = self.company_id._service_day()
        if not self.document_ids._service_papers():
            return today
        return min(today, max(self.signed_by_us_on, self.signed_by_customer_on))

    def _hold_from_signing(self):
        """Move the first day of next versions to today, where an earlier one was asked.

        A softer version that is dated back would free us of promises that run.
        """
        for agreement in self.filtered("previous_id"):
            asked, today = agreement.date_start, agreement.company_id._service_day()
            if asked >= today:
                continue
            agreement._write_as_step({"date_start": today})
            agreement.message_post(  # batched: one is signed at a time
                body=self.env._(
                    "In force from %(today)s, not from %(asked)s as entered: a next "
                    "version holds from the day on which it is signed here, at the "
                    "earliest.",
                    today=format_date(self.env, today),
                    asked=format_date(self.env, asked),
                )
            )

    def _end_previous(self):
        """End the versions before where these start."""
        for previous in self.previous_id:
            following = self.filtered(lambda a, p=previous: a.previous_id == p)
            start = following[:1].date_start
            if not previous.date_end or previous.date_end > start:
                previous._end_on(start, self.env._("Amended."))

    def _starts_at(self):
        """Return from when on the agreement holds, as naive UTC.

        That is a midnight. But a next version which is signed on its first day holds
        from that moment: what came in before is under the previous one.
        """
        midnight = self._midnight(self.date_start)
        if not self.previous_id:
            return midnight
        first = self.term_ids.sorted("number")[:1]
        return first.date_start or max(midnight, fields.Datetime.now())

    def _ends_at(self):
        """Return when the agreement ends, as naive UTC, or False.

        That is a midnight. But one that is ended on that very day ends at that moment:
        what came in before stays under it.
        """
        following = self._signed_next()[:1]
        if self.date_end and following.date_start == self.date_end:
            return following._starts_at()
        if not self.date_end:
            return False
        midnight = self._midnight(self.date_end)
        if self.state != "ended":  # its end was signed with it
            return midnight
        entered = self.term_ids.sorted("number")[-1:].date_end
        if entered and midnight <= entered < midnight + timedelta(days=1):
            return entered  # as when contacts are merged later
        return max(midnight, fields.Datetime.now())

    def _follow_version(self):
        """Act on the draft of a next version that was made; addons extend it."""

    def _signed_next(self):
        """Return what was signed as next version of the agreements, newest first."""
        # who signs need not see it, and an archived one counts as well
        agreements = self.sudo().with_context(active_test=False)
        return agreements.search(
            [("previous_id", "in", self.ids), ("state", "!=", "draft")],
            order="version desc, id desc",
        )

    def _newest_signed(self):
        """Return the last signed one of the agreement's versions, maybe itself."""
        following = self._signed_next()[:1]
        return following._newest_signed() if following else self

    def _end_on(self, day, reason):
        """End agreements: tickets opened from that day on are not under them.

        None ends before it is ended: an end that is dated back would free us of
        promises that run.

        :param day: a date in the agreement's own time zone
        """
        for agreement in self:
            # one that is replaced from its first day on was never in force
            last = max(day, agreement.date_start)
            agreement._write_as_step({"date_end": last, "state": "ended"})
            agreement.message_post(body=reason)  # batched: one is ended at a time
        self._enter_terms(reason)

    def _enter_terms(self, reason=None):
        """Write down in the register when the agreements are in force."""
        self.env["service.quality.term"].sudo().create(  # no user writes the register
            [
                {
                    "agreement_id": agreement.id,
                    "date_start": agreement._starts_at(),
                    "date_end": agreement._ends_at(),
                    "partners": agreement.partner_ids.ids,
                    "reason": reason,
                }
                for agreement in self
            ]
        )

    def _rematch_open_tickets(self, since, reason):
        """Let open tickets opened since a day follow what is in force now.

        A row of the ledger says so, and the usual rule holds: clocks that were met or
        missed stay, and what is signed later takes no ticket from another agreement.
        """
        self.ensure_one()
        moment = max(self._midnight(since), self._starts_at())
        domain = (
            Domain("company_id", "=", self.company_id.id)
            & Domain("stage_id.closed", "=", False)
            & Domain("service_opened_at", ">=", moment)
            # those that are still to be taken over will see what is in force then
            & Domain("service_event_ids", "!=", False)
        )
        if self.kind == "sla" and self.partner_ids:
            customers = self.partner_ids.ids
            domain &= Domain("partner_id", "in", customers) | Domain(
                "commercial_partner_id", "in", customers
            )
        # who signs need not see the tickets; archiving one stops nothing
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        tickets.search(domain)._service_log_reclassified(reason)

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _check_may_decide(self):
        """Refuse users who draft agreements for sales and do not put them in force."""
        self.check_access("write")
        deciders = ("service_manager", "project_manager")
        if not self.env.su and not any(
            self.env.user.has_group(
                f"service_quality_core.service_quality_group_{name}"
            )
            for name in deciders
        ):
            raise AccessError(self._signing_refusal())

    @api.model
    def _signing_refusal(self):
        return self.env._(
            "Only a service manager, or the manager of the service project, signs, "
            "amends and ends agreements."
        )

    def _second_holders(self):
        """Return the service managers, and who manages the project of the agreement."""
        company = self._decision_company()
        managers = company._service_role_users("project_manager")
        return company._service_role_users("service_manager") | (
            managers & self.sudo().project_id.user_id  # whose project it is
        )

    def _outsider_paper(self):
        """Return the signed paper; the document that the other side signed is one."""
        paper = super()._outsider_paper()
        signed = self.document_ids and self.signed_by_customer_on
        if paper or self.kind == "ola" or not signed or not self.signed_by_customer:
            return paper
        self.sudo().document_ids._service_check_paper()  # of who has attached it
        return paper._create_as_step(
            [
                {
                    "res_model": self._name,
                    "res_id": self.id,
                    "company_id": self.company_id.id,
                    "name": self.signed_by_customer,
                    "organisation": ", ".join(self.partner_ids.mapped("name")),
                    "signed_on": self.signed_by_customer_on,
                    "document_ids": self.document_ids.ids,
                    "entered_by_id": self.env.uid,
                }
            ]
        )

    def _check_previous(self):
        """Refuse to follow what was never signed, or what is followed already."""
        _ = self.env._
        for previous in self.previous_id:
            if previous.state == "draft":
                raise ValidationError(
                    _("The previous version %s is not signed.", previous.display_name)
                )
        others = self.previous_id._signed_next()
        if others:
            raise ValidationError(
                _(
                    "The previous version is followed by %s already. Amend that one.",
                    others[0].display_name,
                )
            )

    def _check_endable(self, day):
        """Refuse to end what is no longer, or not yet, in force on that day.

        An end that still lies in the future may be corrected. One for the past is
        refused: what was promised until today stays promised.
        """
        self.ensure_one()
        _ = self.env._
        today = self.company_id._service_day()
        corrected = self.state == "ended" and self.date_end > today
        if self.state != "signed" and not corrected:
            raise ValidationError(_("Only an agreement that is signed can be ended."))
        if day < self.date_start:
            raise ValidationError(
                _(
                    "It is in force from %s. Choose that day or a later one.",
                    self.date_start,
                )
            )
        if day < today:
            raise ValidationError(
                _(
                    "An agreement ends from today on, and not for the past: what it "
                    "promised for tickets that came in stays. Choose today or a later "
                    "day."
                )
            )
        following = self._signed_next()[:1]
        if following and day > following.date_start:
            raise ValidationError(
                _(
                    "Its next version is in force from %s. Choose that day or an "
                    "earlier one.",
                    following.date_start,
                )
            )

    def _check_signable(self):
        """Refuse to sign what is not ready, and list all that is missing at once."""
        self.ensure_one()
        if self.state != "draft":
            raise UserError(self.env._("%s is signed already.", self.display_name))
        self.document_ids._service_check_evidence()
        self._check_own_papers()
        missing = self._missing_to_sign()
        if missing:
            raise ValidationError(
                self.env._(
                    "%(agreement)s cannot be signed yet:\n%(missing)s",
                    agreement=self.display_name,
                    missing="\n".join(f"• {text}" for text in missing),
                )
            )

    def _check_own_papers(self):
        """Refuse a paper that proves an agreement with another customer already.

        What counts is the content: a file that is attached once more is the same. One
        contract may be two agreements with one customer.
        """
        self.ensure_one()
        checksums = self.document_ids.mapped("checksum")
        own = self.partner_ids.commercial_partner_id
        # also those that who signs does not see, and archived ones
        others = self.sudo().with_context(active_test=False)
        others = others.search(
            Domain("id", "not in", self._all_versions().ids)
            & Domain("state", "!=", "draft")
            & Domain("document_ids.checksum", "in", checksums)
        )
        for other in others:
            if other.partner_ids.commercial_partner_id != own:
                raise ValidationError(
                    self.env._(
                        "The attached paper proves %s already, which is with "
                        "others. Attach what was signed with this customer.",
                        other.display_name,
                    )
                )

    def _missing_to_sign(self):
        """List what keeps the agreement from being signed, in words."""
        _ = self.env._
        missing = []
        if not self.target_ids:
            missing.append(_("Add at least one service target."))
        if not self.date_start:
            missing.append(_("Set the day from which it is in force."))
        today = self.company_id._service_day()
        if self.previous_id and self.date_end and self.date_end <= today:
            missing.append(
                _(
                    "Set a later end: a next version holds from the day on which it is "
                    "signed here, at the earliest."
                )
            )
        if not (self.signed_by_us and self.signed_by_us_on):
            missing.append(_("Enter who signed for us, and when."))
        if not (self.signed_by_customer and self.signed_by_customer_on):
            missing.append(_("Enter who signed for the other side, and when."))
        if self.kind == "ola" and not self.team_ids:
            missing.append(_("Name the teams whose time is measured."))
        if self.kind == "uc" and not self.partner_ids:
            missing.append(_("Name the supplier."))
        for calendar in self.target_ids.mapped(lambda target: target._calendar()):
            problem = calendar._service_problem()
            if problem:
                missing.append(problem)
        return missing or self._unreachable_targets()

    def _unreachable_targets(self):
        """List the targets whose time the calendar does not hold within years."""
        start = self._midnight(self.date_start)
        epoch = int(start.replace(tzinfo=UTC).timestamp())
        calendars = self.target_ids.mapped(lambda target: target._calendar())
        timetables = calendars._service_timetables(epoch)
        return [
            self.env._(
                "%s cannot be reached within the years that its calendar is planned "
                "for. Shorten it or choose another calendar.",
                target.display_name,
            )
            for target in self.target_ids
            if target._calendar()
            and timetables[target._calendar().id][1].add(epoch, target.seconds) is None
        ]
