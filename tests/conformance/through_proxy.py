#!/usr/bin/env python3
"""Runs a client command with its last argument, a URL, led through a proxy of its own.

    through_proxy.py HOME KIND COMMAND… URL

The conformance tool starts a server per client scenario and gives its URL to the client; this
starts KIND in front of that server, and exits with the client's code:

    sonde            sonde proxy, with its log under HOME
    sonde-public     the same, told by --public-origin what clients know it as
    sonde-in-place   the same, where the server's own name leads to: the client's URL stays
    meddler:WRONGS   a pass-through with these wrongs, or none
"""

import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "http"))
from servers import Home, Meddler, Proxy, free_port, origin  # noqa: E402


def start(kind, home, upstream):
    if kind in ("sonde", "sonde-in-place"):
        return Proxy(home, upstream)
    if kind == "sonde-public":
        port = free_port()
        return Proxy(home, upstream, "--public-origin", f"http://localhost:{port}", port=port)
    return Meddler(upstream, *kind.removeprefix("meddler:").split())


def main():
    folder, kind, *command, url = sys.argv[1:]
    # The tool's servers listen on both loopback addresses and say `localhost`.
    upstream = origin(url).replace("localhost", "127.0.0.1")
    proxy = start(kind, Home(folder), upstream)
    try:
        if kind == "sonde-in-place":
            name, place = (address.removeprefix("http://") for address in (origin(url), proxy.address))
            return subprocess.call([*command, url], env={**os.environ, "SONDE_REROUTE": f"{name}={place}"})
        return subprocess.call([*command, url.replace(origin(url), proxy.address.replace("127.0.0.1", "localhost"))])
    finally:
        proxy.stop()


if __name__ == "__main__":
    sys.exit(main())
