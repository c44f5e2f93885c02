"""Builds the message for each kind of channel, and reads whether it was taken."""

import base64
import hashlib
import hmac
import json
from collections import namedtuple
from urllib.parse import quote_plus, urlencode, urlsplit, urlunsplit

Request = namedtuple("Request", "url body headers")
"""What is posted: an address, bytes, and headers beside those that are usual."""

JSON = {"Content-Type": "application/json; charset=utf-8"}


def build(kind, url, secret, text, facts, now):
    """Return the :class:`Request` that carries a message.

    :param kind: wecom, dingtalk, feishu or json
    :param secret: the key that messages are signed with, empty for none
    :param text: what people read
    :param facts: dict of what programs read, for the kind json
    :param now: epoch seconds, part of some signatures
    """
    builder = {"wecom": _wecom, "dingtalk": _dingtalk, "feishu": _feishu}
    url, content = builder.get(kind, _plain)(url, secret, text, facts, now)
    body = json.dumps(content, ensure_ascii=False).encode()
    headers = dict(JSON)
    if kind == "json" and secret:
        digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers["X-Service-Quality-Signature"] = f"sha256={digest}"
    return Request(url, body, headers)


def _wecom(url, _secret, text, _facts, _now):
    return url, {"msgtype": "text", "text": {"content": text}}


def _dingtalk(url, secret, text, _facts, now):
    if secret:
        stamp = str(1000 * now)
        signature = sign(secret.encode(), f"{stamp}\n{secret}".encode())
        url = with_query(url, timestamp=stamp, sign=signature)
    return url, {"msgtype": "text", "text": {"content": text}}


def _feishu(url, secret, text, _facts, now):
    content = {"msg_type": "text", "content": {"text": text}}
    if secret:
        # what elsewhere would be signed is the key here, and nothing is signed
        signature = sign(f"{now}\n{secret}".encode(), b"")
        content |= {"timestamp": str(now), "sign": signature}
    return url, content


def _plain(url, _secret, text, facts, _now):
    return url, {"text": text, **facts}


def sign(key, message):
    """Return the HMAC-SHA256 of a message as text.

    >>> sign(b"key", b"message")
    'bp7ym3X//Ft6uuUn1Y/a2y/kLnIZARl2kXNDBl9Y7Uo='
    """
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


def with_query(url, **parameters):
    """Return an address with more parameters in its query.

    >>> with_query("https://example.com/send?token=1", sign="a+b")
    'https://example.com/send?token=1&sign=a%2Bb'
    """
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(parameters))))
    return urlunsplit(parts._replace(query=query))


def accepted(kind, status, body):
    """Tell what a channel said: whether it took the message, and a code and text.

    These services answer 200 to what they refuse as well, and say so in the body.

    :param body: the reply as text
    :return: (taken, code, text)

    >>> accepted("wecom", 200, '{"errcode": 0, "errmsg": "ok"}')
    (True, '0', 'ok')
    >>> accepted("feishu", 200, '{"code": 19021, "msg": "sign match fail"}')
    (False, '19021', 'sign match fail')
    >>> accepted("json", 204, ""), accepted("wecom", 200, "<html>")[0]
    ((True, '', ''), False)
    """
    fine = 200 <= status < 300
    if kind == "json":
        return fine, "", ""
    try:
        reply = json.loads(body)
    except ValueError:
        reply = None
    if not isinstance(reply, dict):
        return False, "", ""
    code = reply.get("errcode", reply.get("code", reply.get("StatusCode")))
    text = reply.get("errmsg", reply.get("msg", reply.get("StatusMessage", "")))
    return fine and code == 0, str(code), str(text)


def redact(text, *secrets):
    """Return a text without the secrets that may have got into it.

    >>> redact("no route to /send?key=abc%2B1", "abc+1")
    'no route to /send?key=***'
    """
    for secret in secrets:
        for form in {secret, quote_plus(secret or "")} - {"", None}:
            text = text.replace(form, "***")
    return text
