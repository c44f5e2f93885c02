import inspect
from itertools import chain

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.rpc.controllers.xmlrpc import dumps
from odoo.addons.service_quality_report.tests.report_common import ReportCase

OURS = "odoo.addons.service_quality"

JUNK = (
    None, True, -1, 7.5, 2**31, 10**20, float("nan"), "", "x", "\0", "\ud800",
    "a\x07\uffffb", "x" * 2_000_001, "2026-13-45", "0001-01-01T00:00:00+14:00",
    [], ["x"], [[]], {}, {"x": {}}, [{}], [2**31 - 1], ["\ud800"],
)  # fmt: skip
"""What another program may send in place of what is asked for."""

NO_IDS = ([], ["x"], ["\ud800"], [None], [1.5], [-1], [0], [2**31], [{}], [[]])
"""What names no record; a caller that leaves the ids out sends none."""

GONE = 2**31 - 2

ASKS_OTHERS = ("action_test",)
"""What sends something away at once."""


def our_models(env):
    """Return the names of the models that are ours."""
    models = sorted(env.registry)
    return [one for one in models if is_ours(env[one]._original_module)]


def is_ours(module):
    return module.startswith("service_quality")


def public_methods(env):
    """Yield ``(model, name, function)`` of the public methods that we add to models.

    What a method of Odoo's own takes, that one of ours extends, is Odoo's to check.
    """
    for model in sorted(env.registry):
        bases = type(env[model]).mro()
        ours = [base for base in bases if base.__module__.startswith(OURS)]
        theirs = set(chain.from_iterable(map(vars, set(bases) - set(ours))))
        for name in sorted(set(chain.from_iterable(map(vars, ours))) - theirs):
            function = getattr(type(env[model]), name)
            private = name.startswith("_") or getattr(function, "_api_private", False)
            mixin = env[model]._abstract and not is_of_model(function)
            if inspect.isfunction(function) and not private and not mixin:
                yield model, name, function


def is_of_model(function):
    return getattr(function, "_api_model", False)


def parameters(function):
    return list(inspect.signature(function).parameters)[1:]


def by_position(function):
    """Return the parameters that a caller may give without their names."""
    given = inspect.signature(function).parameters.values()
    return [one.name for one in given if one.kind is not one.KEYWORD_ONLY][1:]


@tagged("post_install", "-at_install", "security")
class TestPublicMethods(ReportCase):
    """Each public method of our models, as other programs call it.

    SLA cases 31 and 32: whatever is sent, the answer is one that every protocol
    carries, or an error in words.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = cls.env["ir.model.data"].search(
            [("module", "=like", "service_quality%"), ("model", "=", "res.groups")]
        )
        cls.caller = cls._user("caller_of_all", "quality")
        cls.caller.group_ids = [(4, group_id) for group_id in groups.mapped("res_id")]
        cls._make("customer", cls.agreement)
        cls.methods = [
            (model, name, function)
            for model, name, function in public_methods(cls.env)
            if name not in ASKS_OTHERS
        ]

    def _some_ids(self, model):
        """Return the ids of two records, of one that was deleted if there are none."""
        Model = self.env[model]
        return Model.search([], limit=2).ids or [GONE]

    def _call(self, model, name, args, kwargs):
        """Call a method and undo it; return what it refused, None if it answered."""
        records = self.env[model].with_user(self.caller)
        savepoint = self.env.cr.savepoint()
        try:
            with mute_logger("odoo.sql_db", "odoo.http"):
                result = call_kw(records, name, args, kwargs)
                self.env.flush_all()
            dumps((result,)).encode()
            return None
        except IntegrityError as error:
            # the server answers it with the words of its constraint
            return error
        except UserError as error:
            str(error).encode()  # an echoed argument is sent as well
            return error
        finally:
            savepoint.close(rollback=True)

    def test_methods_are_found(self):
        found = {(model, name) for model, name, _function in self.methods}
        self.assertIn(("helpdesk.ticket", "service_import"), found)
        self.assertIn(("service.quality.callback", "save_call"), found)
        self.assertIn(("res.company", "action_service_hotline_notice"), found)
        self.assertGreater(len(found), 150)

    def test_no_record_is_refused(self):
        """A step about nothing, or about what is no id, is refused in words."""
        for model, name, function in self.methods:
            if is_of_model(function):
                continue
            kwargs = dict.fromkeys(parameters(function), "x")
            for ids in NO_IDS:
                with self.subTest(f"{model}.{name} {ids!r}"):
                    self.assertTrue(self._call(model, name, [ids], kwargs))

    def test_answers_are_carried(self):
        """What a method answers about one record or two, every protocol carries."""
        for model, name, function in self.methods:
            if is_of_model(function):
                self._call_named(model, name, [], parameters(function))
                continue
            ids = self._some_ids(model)
            for chosen in (ids[:1], ids):
                self._call_named(model, name, [chosen], parameters(function))

    def test_junk_is_refused_or_harmless(self):
        for model, name, function in self.methods:
            names = parameters(function)
            ids = [] if is_of_model(function) else [self._some_ids(model)[:1]]
            for parameter in names:
                for junk in JUNK:
                    self._call_named(model, name, ids, names, {parameter: junk})
            places = len(by_position(function))
            for place in range(places):
                values = ["x"] * places
                values[place] = JUNK[-1]
                with self.subTest(f"{model}.{name} by position"):
                    self._call(model, name, [*ids, *values], {})

    def test_date_to_is_the_last_day(self):
        """Each period of days ends with a day that belongs to it."""
        fields = [
            self.env[model]._fields["date_to"]
            for model in our_models(self.env)
            if "date_to" in self.env[model]._fields
        ]
        days = [field for field in fields if field.type == "date"]
        self.assertGreater(len(days), 5)
        for field in days:
            with self.subTest(field):
                self.assertIn("last day", field._description_help(self.env))

    def test_fields_are_carried(self):
        """All that can be read of our models, every protocol carries."""
        for model in ("helpdesk.ticket", *our_models(self.env)):
            Model = self.env[model].with_user(self.caller)
            if not Model._abstract and Model.has_access("read"):
                with self.subTest(model):
                    dumps((Model.search([], limit=20).read(),)).encode()

    def test_sums_of_seconds_are_carried(self):
        """SLA case 32: a sum of seconds beyond 2³¹ is a number of every protocol."""
        for _number in range(2):
            self._ticket("2026-03-02 09:00")
        self.env.flush_all()
        self.env.cr.execute("UPDATE service_quality_span SET wall_seconds = 2000000000")
        Span = self.env["service.quality.span"]
        groups = Span.formatted_read_group([], ["company_id"], ["wall_seconds:sum"])
        dumps((groups,))
        self.assertGreater(groups[0]["wall_seconds:sum"], 2**31)

    def _call_named(self, model, name, args, names, given=()):
        kwargs = dict.fromkeys(names, "x") | dict(given)
        with self.subTest(f"{model}.{name} {str(given)[:60]!r}"):
            self._call(model, name, args, kwargs)
