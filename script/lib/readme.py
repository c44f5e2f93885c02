"""Write the README.md of addons from their readme/, or check that it is as written.

usage: readme.py [--check] ADDON_FOLDER...

The fragments are OCA's, in OCA's order; its own generator is in no package index.
"""

import ast
import sys
from pathlib import Path

FRAGMENTS = {
    "DESCRIPTION": None,
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
    "ROADMAP": "Known issues / Roadmap",
    "CONTRIBUTORS": "Contributors",
}
"""The parts in the order of the page, and their headings."""

NOTE = "<!-- Made from readme/ by script/readme: change it there. -->"


def page(folder):
    """Return the text of an addon's README.md."""
    manifest = ast.literal_eval((folder / "__manifest__.py").read_text())
    parts = [f"# {manifest['name']}", NOTE]
    for name, heading in FRAGMENTS.items():
        path = folder / "readme" / f"{name}.md"
        if path.exists():
            parts += [f"## {heading}"] if heading else []
            parts.append(path.read_text().strip())
    return "\n\n".join(parts) + "\n"


def main(*arguments):
    only_check = arguments[0] == "--check"
    stale = 0
    for folder in map(Path, arguments[only_check:]):
        path, text = folder / "README.md", page(folder)
        if path.exists() and path.read_text() == text:
            continue
        stale += 1
        if only_check:
            print(f"{path}: is not what script/readme writes")
        else:
            path.write_text(text)
    return 1 if only_check and stale else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
