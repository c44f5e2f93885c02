"""The family of our addons as their manifests draw it.

usage: family.py order [ADDON...]    each addon, or these and those that their databases
                                   are made of, and the one to install it on top of
       family.py tree                the picture, as text
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


def base(name):
    """Return the largest addon that an addon depends on directly, or None."""
    return max(below(name), key=lambda one: len(closure(one)), default=None)


def chain(name):
    """Return an addon and those that its database is made of, one after another."""
    return {name} | (chain(base(name)) if base(name) else set())


def order(*names):
    """Return (addon, the largest one that it stands on or None), lowest first."""
    found = set().union(*map(chain, names or ours()))
    found = sorted(found, key=lambda name: (len(closure(name)), name))
    return [(name, base(name)) for name in found]


def tree():
    """Return the picture: each addon below the largest one that it stands on."""
    bases = dict(order())

    def lines(lower, indent):
        for name in (one for one, under in bases.items() if under == lower):
            others = [one for one in manifest(name)["depends"] if one != lower]
            also = f"  (also: {', '.join(others)})" if others else ""
            yield f"{indent}{name}{also}"
            yield from lines(name, indent + "    ")

    return "\n".join(lines(None, ""))


def main(what, *names):
    if what == "tree":
        print(tree())
        return
    for name, under in order(*names):
        print(name, under or "-")


if __name__ == "__main__":
    main(*sys.argv[1:])
