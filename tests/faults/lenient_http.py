"""Readers of HTTP that are lax in the ways real ones have been.

What a proxy sends upstream is safe when all of them find the same messages in it: then none of
them can be made to see a second one.  Each rule is a reader's mistake, with who made it.
"""

import dataclasses
import re


@dataclasses.dataclass(frozen=True)
class Rules:
    name: str
    line_end: bytes = rb"\r\n"          # A regular expression.
    first: str = "encoding"             # Which of Content-Length and Transfer-Encoding wins.
    which_length: int = 0               # 0: the first Content-Length, -1: the last.
    coding: str = "exact"               # How `chunked` is looked for: exact, inside, or any coding at all.
    squeeze_names: bool = False         # Blanks and control bytes in names are dropped (Netty CVE-2019-16869).
    underscores: bool = False           # _ is - (CGI, WSGI).
    unfold: str = "join"                # A folded line: join it, or take it for a field of its own.
    size: str = "hexadecimal"           # Of chunks: as strtol reads them, or hexadecimal digits only.


READERS = (
    Rules("strict"),
    Rules("LF ends lines", line_end=rb"\r?\n"),
    Rules("CR ends lines", line_end=rb"\r\n|\r|\n"),
    Rules("length wins", first="length"),
    Rules("last length wins", first="length", which_length=-1, line_end=rb"\r?\n"),
    Rules("chunked anywhere in the coding", coding="inside", line_end=rb"\r?\n"),
    Rules("any coding is chunked", coding="any"),
    Rules("names squeezed", squeeze_names=True, coding="inside"),
    Rules("underscores are dashes", underscores=True),
    Rules("folded lines are fields", unfold="field", line_end=rb"\r?\n"),
    Rules("sizes as strtol", size="strtol", line_end=rb"\r?\n"),
)


def number(text):
    """As atoi would have it."""
    found = re.match(rb"\s*[+]?(\d+)", text)
    return int(found[1]) if found else 0


class Reader:
    """Splits a stream into (request line, body) by its rules."""

    def __init__(self, rules, data):
        self.rules = rules
        self.data = data
        self.at = 0

    def messages(self):
        """What is found; a last one that is not complete is marked."""
        found = []
        while self.at < len(self.data):
            begin = self.at
            try:
                found.append(self.message())
            except (EOFError, ValueError):
                found.append((b"incomplete", self.data[begin:begin + 60]))
                break
        return found

    def line(self):
        end = re.compile(self.rules.line_end).search(self.data, self.at)
        if not end:
            raise EOFError
        text = self.data[self.at:end.start()]
        self.at = end.end()
        return text

    def take(self, size):
        if self.at + size > len(self.data):
            raise EOFError
        text = self.data[self.at:self.at + size]
        self.at += size
        return text

    def message(self):
        start = self.line()
        while not start:
            start = self.line()
        fields = self.fields()
        return start, self.body(fields)

    def fields(self):
        lines = []
        while line := self.line():
            if line[:1] in (b" ", b"\t") and lines and self.rules.unfold == "join":
                lines[-1] += b" " + line.strip()
            else:
                lines.append(line.strip() if self.rules.unfold == "field" else line)
        return [(self.name(line.partition(b":")[0]), line.partition(b":")[2].strip()) for line in lines]

    def name(self, name):
        name = name.lower()
        if self.rules.squeeze_names:
            name = re.sub(rb"[\x00-\x20\x7f-\xff\"\[\]]", b"", name)
        return name.replace(b"_", b"-") if self.rules.underscores else name

    def body(self, fields):
        lengths = [value for name, value in fields if name == b"content-length"]
        codings = [value for name, value in fields if name == b"transfer-encoding"]
        chunked = any(self.is_chunked(coding) for coding in codings)
        if lengths and (self.rules.first == "length" or not chunked):
            return self.take(number(lengths[self.rules.which_length]))
        return self.chunks() if chunked else b""

    def is_chunked(self, coding):
        if self.rules.coding == "any":
            return bool(coding)
        return b"chunked" in coding.lower() if self.rules.coding == "inside" else coding.lower() == b"chunked"

    def chunks(self):
        body = b""
        while size := self.chunk_size():
            body += self.take(size)
            self.line()
        self.fields()
        return body

    def chunk_size(self):
        text = self.line().split(b";")[0]
        if self.rules.size == "strtol":
            found = re.match(rb"\s*[+]?(?:0[xX])?([0-9a-fA-F]+)", text)
            return int(found[1], 16) if found else 0
        if not re.fullmatch(rb"[0-9a-fA-F]+[ \t]*", text):
            raise ValueError
        return int(text, 16)


def readings(data):
    """What each reader finds in a stream, by its name."""
    return {rules.name: Reader(rules, data).messages() for rules in READERS}
