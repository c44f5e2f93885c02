"""Write an addon's template and bring its Chinese translation up to date, or check.

usage: po.py [--check] NEW.pot FOLDER
"""

import argparse
import re
import sys
from pathlib import Path

import polib

PLACEHOLDER = re.compile(r"%\(\w+\)[.0-9]*[sdf]|%[sdf]|\{\w*\}")


def key(entry):
    return (entry.msgctxt, entry.msgid)


def load(path):
    return polib.pofile(str(path), wrapwidth=78) if path.exists() else polib.POFile()


def undated(pot):
    """The dates of an export change each time and say nothing."""
    for name in ("POT-Creation-Date", "PO-Revision-Date"):
        pot.metadata.pop(name, None)
    return pot


def known_translations():
    """What Odoo and the addons below ours say already, for terms like "Created on"."""
    import odoo.addons

    memory = {}
    for name in ("helpdesk_type", "helpdesk_mgmt", "resource", "mail", "base"):
        for folder in odoo.addons.__path__:
            path = Path(folder) / name / "i18n" / "zh_CN.po"
            if path.exists():
                memory |= {e.msgid: e.msgstr for e in load(path).translated_entries()}
    return memory


def write(new, pot_path, po_path):
    if not len(new):  # the application has no words of its own
        return
    pot_path.parent.mkdir(exist_ok=True)
    undated(new).save(str(pot_path))
    po = load(po_path)
    before = {key(entry): entry for entry in po}
    if not po.metadata:
        po.metadata = dict(new.metadata, Language="zh_CN")
        po.metadata["Plural-Forms"] = "nplurals=1; plural=0;"
    po.merge(new)
    for entry in po.obsolete_entries():
        po.remove(entry)
    memory = known_translations()
    for entry in po.untranslated_entries():
        entry.msgstr = memory.get(entry.msgid, "")
    undated(po).save(str(po_path))
    missing = sum(not entry.translated() for entry in po)
    fresh = sum(key(entry) not in before for entry in po)
    print(
        f"{po_path.name}: {len(po)} terms, {fresh} new, {missing} without translation"
    )


def check(new, pot_path, po_path):
    faults = []
    old, po = ({key(e): e for e in load(path)} for path in (pot_path, po_path))
    for entry in new:
        text = entry.msgid[:70]
        if key(entry) not in old:
            faults.append(f"not in {pot_path.name}: {text!r}")
        found = po.get(key(entry))
        if found is None or not found.msgstr:
            faults.append(f"no translation: {text!r}")
        elif found.fuzzy:
            faults.append(f"fuzzy: {text!r}")
        elif sorted(PLACEHOLDER.findall(found.msgid)) != sorted(
            PLACEHOLDER.findall(found.msgstr)
        ):
            faults.append(f"other placeholders: {text!r} / {found.msgstr[:70]!r}")
    wanted = {key(entry) for entry in new}
    faults += [f"gone from the sources: {k[1][:70]!r}" for k in old if k not in wanted]
    for fault in faults:
        print(fault)
    print(f"{len(new)} terms, {len(faults)} faults (script/po mends the files)")
    return 1 if faults else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("pot", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    new = polib.pofile(str(options.pot), wrapwidth=78)
    pot_path = options.folder / options.pot.name
    po_path = options.folder / "zh_CN.po"
    if options.check:
        return check(new, pot_path, po_path)
    write(new, pot_path, po_path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
