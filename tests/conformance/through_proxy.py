#!/usr/bin/env python3
"""Runs a client command with its last argument, a URL, led through a proxy of its own.

    through_proxy.py HOME KIND COMMAND… URL

The conformance tool starts a server per client scenario and gives its URL to the client; this
starts KIND, `sonde` with its log under HOME or a pass-through with the wrongs named after
`meddler:`, in front of that server, and exits with the client's code.
"""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "http"))
from servers import Home, Meddler, Proxy, origin  # noqa: E402


def main():
    folder, kind, *command, url = sys.argv[1:]
    # The tool's servers listen on both loopback addresses and say `localhost`.
    upstream = origin(url).replace("localhost", "127.0.0.1")
    if kind == "sonde":
        proxy = Proxy(Home(folder), upstream)
    else:
        proxy = Meddler(upstream, *kind.removeprefix("meddler:").split())
    try:
        proxied = url.replace(origin(url), proxy.address.replace("127.0.0.1", "localhost"))
        return subprocess.call([*command, proxied])
    finally:
        proxy.stop()


if __name__ == "__main__":
    sys.exit(main())
