#!/usr/bin/env python3
"""Draws what a command prints on a colour terminal as an SVG picture.

    scripts/terminal_svg.py OUT.svg COLUMNS TITLE COMMAND ARGS…

The pictures in README and docs are made so, from real output of the real program.
Understands the SGR codes that Sonde uses: reset, bold, dim, colours 30-37 and 90-97.
"""

import fcntl
import html
import os
import pty
import re
import struct
import subprocess
import sys
import termios

COLOURS = {31: "#e5534b", 32: "#57ab5a", 33: "#c69026", 34: "#539bf5", 35: "#b083f0", 36: "#39c5cf", 37: "#909dab",
           90: "#768390", 91: "#ff938a", 92: "#6bc46d", 93: "#daaa3f", 94: "#6cb6ff", 95: "#dcbdfb", 96: "#56d4dd"}
CODE = re.compile(r"\x1b\[([0-9;]*)m")
LINE, CHARACTER, MARGIN = 19, 8.43, 16


def output_of(command, columns):
    """Runs the command on a pseudo-terminal, so that it believes in colours."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=child, stderr=subprocess.STDOUT,
                               env={**environment, "TERM": "xterm-256color", "COLUMNS": str(columns)})
    os.close(child)
    data = b""
    try:
        while chunk := os.read(parent, 65536):
            data += chunk
    except OSError:  # The terminal's last user is gone.
        pass
    process.wait()
    return data.decode().replace("\r\n", "\n").rstrip("\n")


def spans(line, style):
    """Yields (text, css) pieces of one line; `style` is carried from line to line."""
    at = 0
    for match in CODE.finditer(line):
        if match.start() > at:
            yield line[at:match.start()], dict(style)
        for code in map(int, (match[1] or "0").split(";")):
            if code == 0:
                style.clear()
            elif code == 1:
                style["font-weight"] = "bold"
            elif code == 2:
                style["opacity"] = ".6"
            elif code == 22:
                style.pop("font-weight", None), style.pop("opacity", None)
            elif code == 39:
                style.pop("fill", None)
            elif code in COLOURS:
                style["fill"] = COLOURS[code]
        at = match.end()
    if at < len(line):
        yield line[at:], dict(style)


def draw(lines, columns, title):
    width, height = columns * CHARACTER + 2 * MARGIN, len(lines) * LINE + 2 * MARGIN + 24
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
           f'viewBox="0 0 {width:.0f} {height:.0f}" role="img"><title>{html.escape(title)}</title>',
           f'<rect width="100%" height="100%" rx="8" fill="#1c2128"/>'
           f'<text x="{MARGIN}" y="22" fill="#768390" font-family="monospace" font-size="12">{html.escape(title)}</text>',
           '<g font-family="DejaVu Sans Mono,Menlo,Consolas,monospace" font-size="14" fill="#cdd9e5" xml:space="preserve">']
    style = {}
    for number, line in enumerate(lines):
        column = 0
        for text, css in spans(line, style):
            attributes = "".join(f' {name}="{value}"' for name, value in css.items())
            x, y = MARGIN + column * CHARACTER, 24 + MARGIN + (number + 0.8) * LINE
            length = len(text) * CHARACTER
            if text.strip():
                out.append(f'<text x="{x:.1f}" y="{y:.1f}" textLength="{length:.1f}"{attributes}>{html.escape(text)}</text>')
            column += len(text)
    return "\n".join([*out, "</g></svg>", ""])


def main():
    if len(sys.argv) < 5:
        print(__doc__, file=sys.stderr)
        return 2
    path, columns, title, *command = sys.argv[1:]
    with open(path, "w", encoding="utf-8") as file:
        file.write(draw(output_of(command, int(columns)).split("\n"), int(columns), title))
    return 0


if __name__ == "__main__":
    sys.exit(main())
