from lxml import html

from odoo.tests import HttpCase

from ..controllers.limits import THROTTLES
from .common import ServiceQualityCase


class PageCase(ServiceQualityCase, HttpCase):
    """Somebody opens our pages in a browser, without its scripts."""

    def setUp(self):
        super().setUp()
        self._forget_counts()
        self.opener.headers["Accept-Language"] = "en-US"

    def _forget_counts(self):
        for throttle in THROTTLES.values():
            throttle.forget()

    def visit(self, path, **options):
        """Open a page and return the answer, with its parsed tree as ``tree``."""
        response = self.url_open(path, **options)
        response.tree = html.fromstring(response.content)
        return response

    def send(self, page, values, files=None, **options):
        """Fill in the last form of a page and send it, as a browser does.

        :param page: what :meth:`visit` gave
        :param values: dict of what is typed; None takes a field out of the form
        """
        form = page.tree.forms[-1]
        data = {name: value for name, value in form.form_values()} | values
        data = {name: value for name, value in data.items() if value is not None}
        path = form.action or page.url
        return self.visit(path, data=data, files=files, **options)

    def title(self, page):
        return page.tree.findtext(".//h1").strip()

    def words(self, page):
        """Return the words that are seen on a page."""
        return " ".join(page.tree.find(".//main").text_content().split())
