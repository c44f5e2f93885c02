from datetime import timedelta

from odoo import api, fields, models

from ..tools.isolation import COLLISIONS

TRIES = 5

SOON = timedelta(minutes=2)
"""A run of the sweep that is so near may miss what is being written right now."""

AGAIN = timedelta(seconds=10)
"""After this time a ticket is looked at again that a user was just writing."""


class ServiceQualitySweep(models.AbstractModel):
    """Does in time what is due at a moment, as the end of a pause.

    It has the scheduler wake it for the next moment. Addons add their works.
    """

    _name = "service.quality.sweep"
    _description = "Sweep of What Is Due"

    # ------------------------------------------------------------------
    # What addons add
    # ------------------------------------------------------------------

    @api.model
    def _works(self):
        """Return what is done in a run, in order.

        :return: list of functions that take a limit of records, and return how many
            records they dealt with
        """
        return [self.env["helpdesk.ticket"]._service_end_pauses]

    @api.model
    def _next_moments(self, now):
        """Return when something is due next, as a list of naive UTC datetimes."""
        resumes = self.env["helpdesk.ticket"]._service_next_end_of_pause()
        return [max(resumes, now + AGAIN)] if resumes else []

    # ------------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------------

    @api.model
    def _cron_sweep(self, limit=200):
        """Do what is due, in batches, and have the next run come in time."""
        progress = self.env["ir.cron"]._commit_progress
        for work in self._works():
            while done := self._try(work, limit):
                if not progress(done, remaining=1):
                    return  # time is up; what may be left has the job run again at once
        self._try(self._arm_next)
        progress(remaining=0)

    @api.model
    def _try(self, work, *arguments):
        """Do a piece of work in a transaction that is repeated when it collides."""
        for left in reversed(range(TRIES)):
            try:
                return work(*arguments)
            except COLLISIONS:
                self.env.cr.rollback()
                if not left:
                    raise

    # ------------------------------------------------------------------
    # Waking up
    # ------------------------------------------------------------------

    @api.model
    def _arm(self, moment):
        """Have the sweep run at a moment, unless a run before will see to it.

        A run that is about to begin does not count: it would not see what this
        transaction has not committed yet.
        """
        cron_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "service_quality_core.ir_cron_sweep"
        )
        now = fields.Datetime.now()
        self.env.cr.execute(
            "SELECT 1 FROM ir_cron_trigger "
            "WHERE cron_id = %s AND call_at > %s AND call_at <= %s LIMIT 1",
            [cron_id, now + SOON, moment],
        )
        if not self.env.cr.fetchone():
            # who works on a ticket need not be allowed to see jobs
            cron = self.env["ir.cron"].sudo().browse(cron_id)
            cron._trigger(max(moment, now))

    @api.model
    def _arm_next(self):
        """Have the sweep run when something is due next."""
        moments = self._next_moments(fields.Datetime.now())
        if moments:
            self._arm(min(moments))
