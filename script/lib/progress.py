"""Copy Odoo's log from standard input to a file and show how far it has come."""

import re
import sys

LOADING = re.compile(r"Loading module (\S+) \((\d+)/(\d+)\)")
TEST = re.compile(r": Starting (\S+) \.\.\.")


def main(path):
    terminal = sys.stderr.isatty()
    shown, tests = None, 0
    with open(path, "a", encoding="utf-8") as log:
        for line in sys.stdin:
            log.write(line)
            log.flush()
            text = None
            if found := LOADING.search(line):
                name, number, total = found.groups()
                text = f"   module {number} of {total}: {name}"
            elif found := TEST.search(line):
                tests += 1
                text = f"   test {tests}: {found.group(1)}"
            if not text:
                continue
            if terminal:
                sys.stderr.write(f"\r\033[K{text[:78]}")
                sys.stderr.flush()
            elif LOADING.search(line) and int(number) % 10 == 0 and text != shown:
                sys.stderr.write(f"{text}\n")
            shown = text
    if terminal and shown:
        sys.stderr.write("\r\033[K")


if __name__ == "__main__":
    sys.stdin.reconfigure(errors="replace")
    main(sys.argv[1])
