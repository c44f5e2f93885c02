"""Name the libraries of the system that programs of Python packages need.

    libraries.py VENV              those that are not there
    libraries.py VENV PACKAGE...   also those that are there by chance: neither every
                                   Debian has them nor do these packages bring them

A package brings programs (a database, the Node of a browser driver) that were linked
on another machine; pip asks for none of the libraries that they want.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ALWAYS = {"required", "important"}
"""Priorities of the packages that every Debian has."""


def programs(venv):
    """Return the paths of programs and libraries in a virtual environment."""
    found = []
    for path in Path(venv, "lib").rglob("*"):
        if path.is_symlink() or not path.is_file():
            continue
        if ".so" in path.name or os.access(path, os.X_OK):
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    found.append(str(path))
    return found


def needed(paths):
    """Return the libraries of the system that programs need.

    :return: dict by the library's name: its path, or None, and one who needs it
    """
    output = subprocess.run(["ldd", *paths], capture_output=True, text=True).stdout
    found, program = {}, paths[0]
    for line in output.splitlines():
        if not line.startswith("\t"):
            program = line.rstrip(":")
        elif match := re.match(r"\t(\S+) => (not found|/\S+)", line):
            name, path = match.groups()
            found.setdefault(name, (None if path == "not found" else path, program))
    return found


def installed():
    """Return what dpkg knows: dict by package of priority, and what it depends on."""
    fields = "${Package}\t${Priority}\t${Pre-Depends}, ${Depends}\t${Provides}\n"
    lines = subprocess.check_output(["dpkg-query", "-W", "-f", fields], text=True)
    packages = {}
    for line in lines.splitlines():
        name, priority, depends, provides = line.split("\t")
        wanted = [part.split() for part in re.split(r"[,|]", depends)]
        packages[name] = (priority, {part[0].split(":")[0] for part in wanted if part})
        for part in filter(None, provides.split(", ")):
            packages.setdefault(part.split()[0], ("", {name}))
    return packages


def brought_by(packages, known):
    """Return packages with all that they depend on."""
    found, left = set(), list(packages)
    while left:
        name = left.pop()
        if name in known and name not in found:
            found.add(name)
            left += known[name][1]
    return found


def owners(path):
    """Return the packages that a library is of."""
    run = subprocess.run(
        ["dpkg-query", "-S", f"*/{Path(path).name}"], capture_output=True, text=True
    )
    lines = [line.rpartition(": ") for line in run.stdout.splitlines()]
    real = os.path.realpath(path)
    return {
        name.split(":")[0]
        for names, _end, place in lines
        if os.path.realpath(place) == real
        for name in names.split(", ")
    }


def main(venv, *packages):
    """Print a line for each library that is missing; return the exit code."""
    libraries = needed(programs(venv))
    root = os.path.realpath(venv)
    lines = [
        f"{name} is missing: needed by {Path(program).relative_to(venv)}"
        for name, (path, program) in libraries.items()
        if not path
    ]
    if packages:
        known = installed()
        always = [name for name, (priority, _n) in known.items() if priority in ALWAYS]
        fine = brought_by([*always, *packages], known)
        for name, (path, program) in libraries.items():
            if path and not os.path.realpath(path).startswith(root):
                of = owners(path)
                if not of & fine:
                    needs = Path(program).relative_to(venv)
                    package = " or ".join(of) or "no package"
                    lines.append(f"{name} ({package}) is here by chance: {needs}")
    print("\n".join(lines), end="\n" if lines else "")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
