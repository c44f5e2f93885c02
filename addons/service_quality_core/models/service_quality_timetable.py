import psycopg2

from odoo import api, fields, models
from odoo.fields import NO_ACCESS
from odoo.tools import ormcache

from ..tools.timetable import Timetable


class ServiceQualityTimetable(models.Model):
    """Keeps open intervals of working time as they were when a promise was judged.

    A row has no meaning in time: a calendar points at its current one, each clock
    keeps the one that it was last folded with.
    """

    _name = "service.quality.timetable"
    _description = "Working Time as It Was"
    _rec_name = "digest"
    _order = "id"
    _log_access = False

    digest = fields.Char(required=True, readonly=True)
    # bytes that no protocol carries; read by SQL
    blob = fields.Binary(attachment=False, readonly=True, groups=NO_ACCESS)

    _digest_uniq = models.UniqueIndex("(digest)")

    @api.model
    def _store(self, timetables):
        """Store timetables, each content once.

        :param timetables: list of :class:`Timetable`
        :return: dict of digest to id
        """
        if not timetables:
            return {}
        rows = {timetable.digest(): timetable for timetable in timetables}
        cr = self.env.cr
        cr.execute_values(
            "INSERT INTO service_quality_timetable (digest, blob) VALUES %s "
            "ON CONFLICT (digest) DO NOTHING",
            [(digest, psycopg2.Binary(t.to_bytes())) for digest, t in rows.items()],
        )
        cr.execute(
            "SELECT digest, id FROM service_quality_timetable WHERE digest = ANY(%s)",
            [list(rows)],
        )
        return dict(cr.fetchall())

    @ormcache("timetable_id", cache="stable")
    def _timetable(self, timetable_id):
        """Return one timetable. A blob never changes, so that this never goes stale."""
        self.env.cr.execute(
            "SELECT blob FROM service_quality_timetable WHERE id = %s", [timetable_id]
        )
        return Timetable.from_bytes(bytes(self.env.cr.fetchone()[0]))
