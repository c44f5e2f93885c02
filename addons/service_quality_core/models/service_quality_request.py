"""Answers requests of other programs once, as they may come twice."""

import functools
import hashlib
import inspect
import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .arguments import Arguments

KEPT = timedelta(days=366)
"""How long a key is known; nothing is retried for longer."""

FORGOTTEN_AT_ONCE = 10_000


def idempotent(method):
    """Run a public method once per ``external_ref``, its argument of that name.

    The same key with the same content gives the first answer again, and writes nothing;
    with other content it is refused. A key belongs to its user, the current company,
    the method and the record. Of two calls at once the later one waits for the first.
    Without a key the method runs as it is.

    The answer is stored, so that it must be JSON and hold no secret.
    """
    signature = inspect.signature(method)

    @functools.wraps(method)
    def once(self, *args, **kwargs):
        bound = signature.bind(self, *args, **kwargs)
        bound.apply_defaults()
        _self, *content = bound.arguments.items()
        content = dict(content)
        ref = Arguments(self.env).text("external_ref", content.pop("external_ref"))
        if not ref:
            return method(self, *args, **kwargs)
        # only this writes requests; what it answers was told this user before
        Request = self.env["service.quality.request"].sudo()
        fresh, answer = Request._claim(self, method.__name__, ref, content)
        if fresh is None:
            return answer
        answer = method(fresh, **content, external_ref=ref)
        Request._keep_answer(fresh, method.__name__, ref, answer)
        return answer

    return once


class ServiceQualityRequest(models.Model):
    """Keeps what a program asked for under a key of its own, and what it was answered.

    It holds a digest of the content and not the content.
    """

    _name = "service.quality.request"
    _description = "Request of Another Program"
    _order = "id desc"
    _rec_name = "external_ref"
    _log_access = False

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, index=True, ondelete="cascade"
    )
    method = fields.Char(required=True, readonly=True)
    res_id = fields.Integer(
        string="Record", required=True, readonly=True, help="0 for none in particular."
    )
    external_ref = fields.Char(
        string="External Reference", required=True, readonly=True
    )
    digest = fields.Char(required=True, readonly=True)
    answer = fields.Json(readonly=True)
    at = fields.Datetime(string="When", required=True, readonly=True, index=True)

    _key_uniq = models.UniqueIndex(
        "(user_id, company_id, method, res_id, external_ref)"
    )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _claim(self, records, name, ref, content):
        """Take a key for a call on some records, or find what it was answered before.

        :param content: dict of the call's arguments
        :return: tuple of the records for which it was not called yet, None when there
            are none, and the answer of the first call
        :raise ValidationError: when the key was used for other content
        """
        digest = _digest(content)
        key = self._key(records, name, ref)
        res_ids = Arguments(self.env).ids("ids", records.ids) or [0]
        fresh = self.env.execute_query(
            SQL(
                """
                INSERT INTO service_quality_request
                       (user_id, company_id, method, external_ref, digest, at, res_id)
                SELECT %s, %s, %s, %s, %s, %s, unnest(%s)
                    ON CONFLICT DO NOTHING
                RETURNING res_id
                """,
                *key,
                digest,
                fields.Datetime.now(),
                res_ids,
            )
        )
        fresh_ids = [res_id for (res_id,) in fresh]
        if len(fresh_ids) == len(res_ids):
            return records, None
        known = self.search(self._key_domain(key) + [("res_id", "in", res_ids)])
        if any(request.digest != digest for request in known):
            self._refuse_other_content(ref)
        if not fresh_ids:
            return None, known[:1].answer
        return records.browse(fresh_ids), None

    @api.model
    def _refuse_other_content(self, ref):
        """Refuse a key that was used for something else.

        :raise ValidationError: always
        """
        raise ValidationError(
            self.env._(
                "The external_ref %s was used for another call, with other content. "
                "Repeat that call as it was, or choose a new external_ref. Nothing was "
                "saved.",
                ref,
            )
        )

    @api.model
    def _keep_answer(self, records, name, ref, answer):
        """Store what a call was answered."""
        domain = self._key_domain(self._key(records, name, ref))
        domain += [("res_id", "in", records.ids or [0])]
        self.search(domain).answer = answer

    @api.model
    def _key(self, records, name, ref):
        method = f"{records._name}.{name}"
        return (self.env.uid, records.env.company.id, method, ref)

    @api.model
    def _key_domain(self, key):
        names = ("user_id", "company_id", "method", "external_ref")
        return [(name, "=", value) for name, value in zip(names, key, strict=True)]

    @api.autovacuum
    def _gc_requests(self):
        """Forget keys that are older than any retry."""
        domain = [("at", "<", fields.Datetime.now() - KEPT)]
        old = self.search(domain, limit=FORGOTTEN_AT_ONCE)
        old.unlink()
        return len(old), len(old) == FORGOTTEN_AT_ONCE


def _digest(content):
    """Return the digest of a call's arguments; a tuple is a list, as over RPC."""
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
