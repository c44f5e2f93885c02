"""Call the methods of an Odoo server by name, over two of its protocols."""

import json
import urllib.error
import urllib.parse
import urllib.request

TIMEOUT = 600


class CallError(Exception):
    """The server refused a call; the text is what it says to its users."""


class OdooRpc:
    """Over odoorpc (JSON-RPC), with login and password."""

    def __init__(self, url, db, user, password):
        import odoorpc

        self._error = odoorpc.error.RPCError
        parts = urllib.parse.urlsplit(url)
        secure = parts.scheme == "https"
        self._odoo = odoorpc.ODOO(
            parts.hostname,
            protocol="jsonrpc+ssl" if secure else "jsonrpc",
            port=parts.port or (443 if secure else 80),
            timeout=TIMEOUT,
        )
        try:
            self._odoo.login(db, user, password)
        except self._error as error:
            raise CallError(f"{user} cannot log in to {db}: {error}") from error

    def call(self, model, method, ids=None, **arguments):
        """Call a method with named arguments; ``ids`` are the records it works on."""
        positional = [] if ids is None else [ids]
        if method == "create":  # the one method that wants it by position
            positional = [arguments.pop("vals_list")]
        try:
            return self._odoo.execute_kw(model, method, positional, arguments)
        except self._error as error:
            raise CallError(str(error)) from error


class Json2:
    """Over JSON-2, with an API key; needs nothing but Python."""

    def __init__(self, url, db, api_key):
        self._url = url.rstrip("/")
        self._headers = {
            "Authorization": f"bearer {api_key}",
            "X-Odoo-Database": db,
            "Content-Type": "application/json",
        }

    def call(self, model, method, ids=None, **arguments):
        """Call a method with named arguments; ``ids`` are the records it works on."""
        if ids is not None:
            arguments["ids"] = ids
        request = urllib.request.Request(
            f"{self._url}/json/2/{model}/{method}",
            data=json.dumps(arguments).encode(),
            headers=self._headers,
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            raise CallError(_message(error)) from error


def _message(error):
    """Return what the server says in the body of a refusal."""
    text = error.read().decode(errors="replace")
    try:
        return json.loads(text)["message"]
    except (ValueError, TypeError, KeyError):
        return f"HTTP {error.code}: {text[:200]}"
