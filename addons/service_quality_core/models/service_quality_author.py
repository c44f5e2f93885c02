from odoo import api, fields, models


class ServiceQualityAuthor(models.Model):
    """Keeps who has written in a record on which a second person decides.

    Rows are added by the decision mixin alone. Whoever has written once stays an
    author, also where somebody else has written since.
    """

    _name = "service.quality.author"
    _description = "Author of What Is Decided"
    _order = "id"
    _log_access = False
    _rec_name = "user_id"

    res_model = fields.Char(string="Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", required=True, readonly=True
    )
    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, index=True, ondelete="restrict"
    )

    _author_uniq = models.UniqueIndex("(res_model, res_id, user_id)")

    @api.model
    def _enter(self, records, user):
        """Enter a user as author of records; what is entered already stays."""
        if not records:
            return
        self.env.cr.execute_values(
            "INSERT INTO service_quality_author (res_model, res_id, user_id) "
            "VALUES %s ON CONFLICT DO NOTHING",
            [(records._name, record_id, user.id) for record_id in records.ids],
        )
        records.invalidate_recordset(["author_ids"])

    @api.model
    def _carry(self, sources, copies):
        """Enter the authors of records as authors of their copies, in order."""
        self.env.cr.execute(
            """
            INSERT INTO service_quality_author (res_model, res_id, user_id)
                 SELECT author.res_model, pair.copy, author.user_id
                   FROM service_quality_author author
                   JOIN unnest(%s, %s) AS pair (source, copy)
                     ON author.res_id = pair.source
                  WHERE author.res_model = %s
            ON CONFLICT DO NOTHING
            """,
            [sources.ids, copies.ids, sources._name],
        )
        copies.invalidate_recordset(["author_ids"])

    @api.model
    def _of(self, records):
        """Return the authors of records, dict of id to users."""
        found = dict(
            self._read_group(
                [("res_model", "=", records._name), ("res_id", "in", records.ids)],
                ["res_id"],
                ["user_id:recordset"],
            )
        )
        nobody = self.env["res.users"]
        return {record_id: found.get(record_id, nobody) for record_id in records.ids}
