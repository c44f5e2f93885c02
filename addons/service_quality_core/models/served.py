"""Tells by which way a call came in, which no caller can say otherwise."""

import threading
from urllib.parse import urlsplit

from odoo.http import request

RPC_PATHS = ("/xmlrpc", "/jsonrpc", "/json/2")


def served_path():
    """Return the path of the HTTP call that is being served, "" in a job.

    Odoo takes its request away while it serves XML-RPC and JSON-RPC; the thread still
    has the address.
    """
    if request:
        return request.httprequest.path
    return urlsplit(getattr(threading.current_thread(), "url", None) or "").path


def is_served_to_program():
    """Return True while another program calls."""
    return served_path().startswith(RPC_PATHS)
