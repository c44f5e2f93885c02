from .recipients import Recipients


class OverdueRecipients(Recipients):
    """Who is told of what was to be done until a day.

    :param due: list of :class:`~.service_quality_escalation_reminder.Late`
    """

    def __init__(self, env, due):
        records = [one.record for one in due]
        super().__init__(env, due, records[0].union(*records))

    def _record(self, one):
        return one.record

    def _company_id(self, one):
        return one.record.company_id.id

    def _agreement(self, one):
        return one.record._due_agreement()

    def _project(self, one):
        return one.record._due_project()

    def _of_assignee(self, one, _recipient):
        return one.record._answerable(lambda role: self._of_group(one, role))
