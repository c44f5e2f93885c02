"""Wait until an address answers, as long as a process lives.

usage: wait_for.py URL PID [SECONDS]
"""

import os
import sys
import time
import urllib.request


def main(url, pid, seconds=120):
    # never through a proxy: the address is this machine's own
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return 1
        try:
            with opener.open(url, timeout=10):
                return 0
        except OSError:
            time.sleep(0.3)
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
