"""Reads what people send by a form: attachments, without their authors, and its key."""

import secrets
from collections import namedtuple

from odoo.http import request

from odoo.addons.service_quality_core.tools.sandbox import clean
from odoo.addons.service_quality_core.tools.sanitizer import Refused

Upload = namedtuple("Upload", "name content mimetype")

KEY_LENGTH = 32

MOST_FILES = 5

MOST_FILE_BYTES = 10 * 1024 * 1024


def read_uploads(files):
    """Return the files of a form that may be kept.

    Images are drawn again and of documents only the pages are kept: neither says any
    more where, when, with what and by which author it was made. Nor do their names.
    None is read in this process.

    :param files: of werkzeug
    :return: list of :class:`Upload`
    :raise Refused: for the first one that is not taken
    """
    files = [file for file in files if file.filename]
    if len(files) > MOST_FILES:
        raise Refused("count")
    return [_clean(file, number) for number, file in enumerate(files, 1)]


def _clean(file, number):
    file.stream.seek(0)  # it has been read before where the request is tried again
    content = file.stream.read(MOST_FILE_BYTES + 1)
    if len(content) > MOST_FILE_BYTES:
        raise Refused("size")
    kept = clean(content)
    return Upload(f"{number}.{kept.extension}", kept.content, kept.mimetype)


def take_uploads():
    """Return the attachments of the request, cleaned, and what is wrong with them.

    :return: tuple of a list of :class:`Upload` and a text, None if they are taken
    """
    _ = request.env._
    try:
        return read_uploads(request.httprequest.files.getlist("files")), None
    except Refused as error:
        return [], _refusal(error.args[0])


def _refusal(reason):
    """Return what is said to the sender of a file that is not taken.

    :param reason: *count*, *size*, or one of :func:`~..tools.sandbox.clean`
    """
    _ = request.env._
    effort = _(
        "A document takes too much to read: too many pages, or too much on them. "
        "Print it to a new PDF of fewer pages, or attach photos. Choose the files "
        "again."
    )
    refusals = {
        "count": _("Attach at most %s files, please. Choose them anew.", MOST_FILES),
        "size": _(
            "A file is too large: at most %s MB each. Choose them anew.",
            MOST_FILE_BYTES // 1024**2,
        ),
        "type": _(
            "A file cannot be read. Attach photos (JPEG, PNG, GIF) or "
            "PDF documents. Choose them anew."
        ),
        "pixels": _(
            "A picture has too many pixels. Save it smaller. Choose the files again."
        ),
        "locked": _(
            "A document is protected with a password. Print it to a new PDF, or attach "
            "photos. Choose the files again."
        ),
        "busy": _(
            "Too many files are being read at this moment. Wait a minute, choose the "
            "files again and press the button."
        ),
    }
    return refusals.get(reason, effort)


def files_hint():
    """Return what is said beside the field for attachments."""
    return request.env._(
        "At most %(count)s files of %(size)s MB each.",
        count=MOST_FILES,
        size=MOST_FILE_BYTES // 1024**2,
    )


def new_key():
    """Return a key for a form, by which it is known when it is sent twice."""
    return secrets.token_hex(KEY_LENGTH // 2)


def read_key(given):
    """Return the key of the form, None for one that is none of ours."""
    key = given.get("key")
    is_key = (
        isinstance(key, str)
        and len(key) == KEY_LENGTH
        and set(key) <= set("0123456789abcdef")
    )
    return key if is_key else None
