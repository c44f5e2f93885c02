"""Prints a page with a headless Chromium, which is given nothing but that page."""

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

TIMEOUT = 60
"""Seconds after which a page that is not printed never will be."""

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:"
"""What a page may use: what is written in it, and no program."""

OPTIONS = (
    "--headless",
    # A page without programs needs no sandbox, and in a container there is none.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:9",
    "--no-pdf-header-footer",
)


UNLIMITED = 'ulimit -S -v "$(ulimit -H -v)"; exec "$@"'
"""Odoo limits its own memory, and what it starts inherits that: too little to begin."""


class PrintError(Exception):
    """Says that a page could not be printed; the argument says why, for a log."""


def find_chromium(path=None):
    """Return the path of Chromium, or nothing where there is none.

    :param path: where it is said to be; nothing else is looked for then
    """
    if path:
        return shutil.which(path)
    return next(filter(None, map(shutil.which, NAMES)), None)


def print_pdf(page, executable, timeout=TIMEOUT):
    """Return a page as a PDF.

    :param page: text of a complete HTML document; ``POLICY`` is added to its head
    :raise PrintError: when it takes too long, or comes to nothing
    """
    with tempfile.TemporaryDirectory(prefix="service_quality_print_") as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.pdf")
        source.write_text(_guarded(page), encoding="utf-8")
        _run(
            [
                *("/bin/sh", "-c", UNLIMITED, "sh"),
                executable,
                *OPTIONS,
                f"--user-data-dir={folder}/profile",
                f"--print-to-pdf={target}",
                source.as_uri(),
            ],
            folder,
            timeout,
        )
        if not target.exists() or not target.stat().st_size:
            raise PrintError("Chromium wrote no page")
        return target.read_bytes()


def _guarded(page):
    """Put the policy before anything that a page could load.

    >>> _guarded("<html><head><title>A</title></head></html>")[:60]
    '<html><head><meta http-equiv="Content-Security-Policy" conte'
    >>> _guarded("<p>A</p>")
    Traceback (most recent call last):
    ValueError: not a page with a head
    """
    before, head, after = page.partition("<head>")
    if not head:
        raise ValueError("not a page with a head")
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"/>'
    return before + head + policy + after


def _run(command, folder, timeout):
    """Run a command with a home of its own; what it leaves running is ended."""
    environment = {"HOME": folder, "PATH": os.environ.get("PATH", "")}
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    ) as process:
        try:
            _out, error = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            raise PrintError(f"no page after {timeout} s") from None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
    if process.returncode:
        last = error.decode(errors="replace").strip()[-500:]
        raise PrintError(f"exit code {process.returncode}: {last}")
