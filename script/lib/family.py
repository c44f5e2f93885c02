"""The family of our addons as their manifests draw it.

usage: family.py order     each addon and the one to install it on top of, in order
       family.py tree      the picture, as text
"""

import ast
import sys
from functools import cache
from pathlib import Path

ADDONS = Path(__file__).resolve().parents[2] / "addons"


@cache
def manifest(name):
    return ast.literal_eval((ADDONS / name / "__manifest__.py").read_text())


def ours():
    return sorted(path.parent.name for path in ADDONS.glob("*/__manifest__.py"))


def below(name):
    """Return the addons of ours that an addon depends on directly."""
    return [one for one in manifest(name)["depends"] if (ADDONS / one).is_dir()]


@cache
def closure(name):
    """Return an addon and all of ours that it stands on."""
    return {name}.union(*map(closure, below(name)))


def order():
    """Return (addon, the largest one that it stands on or None), lowest first."""
    found = sorted(ours(), key=lambda name: (len(closure(name)), name))
    return [
        (name, max(below(name), key=lambda one: len(closure(one)), default=None))
        for name in found
    ]


def tree():
    """Return the picture: each addon below the largest one that it stands on."""
    bases = dict(order())

    def lines(base, indent):
        for name in (one for one, under in bases.items() if under == base):
            others = [one for one in manifest(name)["depends"] if one != base]
            also = f"  (also: {', '.join(others)})" if others else ""
            yield f"{indent}{name}{also}"
            yield from lines(name, indent + "    ")

    return "\n".join(lines(None, ""))


def main(what):
    if what == "tree":
        print(tree())
        return
    for name, base in order():
        print(name, base or "-")


if __name__ == "__main__":
    main(sys.argv[1])
