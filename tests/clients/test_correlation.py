"""The ids by which a request is known: taken where there are some, else made, and the same everywhere."""

import http.client
import json
import pathlib
import re
import sys
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "http"))
import log_checks  # noqa: E402
from servers import HttpTest, origin  # noqa: E402

VERSION = "2026-07-28"
TRACE = "0af7651916cd43dd8448eb211c80319c"
UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$")


def call(address, tool, arguments, headers=None):
    """One modern call; returns the response's headers and the text of its result."""
    params = {"name": tool, "arguments": arguments,
              "_meta": {"io.modelcontextprotocol/protocolVersion": VERSION,
                        "io.modelcontextprotocol/clientCapabilities": {}}}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(address).netloc, timeout=30)
    connection.request("POST", "/mcp", body, {
        "content-type": "application/json", "accept": "application/json, text/event-stream",
        "mcp-protocol-version": VERSION, "mcp-method": "tools/call", "mcp-name": tool, **(headers or {})})
    response = connection.getresponse()
    answer = json.load(response)
    connection.close()
    return response.headers, answer["result"]["content"][0]["text"]


class Correlation(HttpTest):
    def setUp(self):
        super().setUp()
        self.record = self.folder / "record.jsonl"
        self.behind = self.proxy(origin(self.fixture("--record", str(self.record)).address))

    def ids(self, headers=None, message="hello"):
        """(request id, correlation id) of one call, which must be the same upstream, in the log and for the client."""
        returned, _ = call(self.behind.address, "echo", {"message": message}, headers)
        self.assertEqual(self.behind.stop(), 0, "".join(self.behind.said))
        (arrived,) = [json.loads(line) for line in self.record.read_text().splitlines()]
        (line,) = log_checks.calls_in(self.home.lines())
        mine = (returned["x-request-id"], returned["x-correlation-id"])
        self.assertEqual(mine, (arrived["x-request-id"], arrived["x-correlation-id"]))
        self.assertEqual(mine, (line["request_id"], line["correlation_id"]))
        return mine

    def test_the_clients_own_ids_are_kept(self):
        self.assertEqual(self.ids({"x-request-id": "mine-1", "x-correlation-id": "order-77"}), ("mine-1", "order-77"))

    def test_without_ids_they_are_made(self):
        request, correlation = self.ids()
        self.assertRegex(request, UUID)
        self.assertTrue(0 < len(correlation) <= 128)

    def test_the_root_of_amazons_trace_correlates(self):
        root = "1-5759e988-bd862e3fe1be46a994272793"
        _, correlation = self.ids({"x-amzn-trace-id": f"Self=1-67891234-12456789abcdef012345678;Root={root};Sampled=1"})
        self.assertEqual(correlation, root)

    def test_else_the_trace_correlates(self):
        _, correlation = self.ids({"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"})
        self.assertEqual(correlation, TRACE)

    def test_a_correlation_id_that_is_too_long_goes_on_but_is_not_taken(self):
        returned, sent = call(self.behind.address, "seen_headers", {}, {"x-correlation-id": "a" * 129})
        self.assertEqual(json.loads(sent)["x-correlation-id"], "a" * 129)
        self.assertEqual(self.behind.stop(), 0, "".join(self.behind.said))
        (line,) = log_checks.calls_in(self.home.lines())
        self.assertEqual(line["correlation_id"], returned["x-correlation-id"])
        self.assertLessEqual(len(line["correlation_id"]), 128)

    def test_the_ids_of_a_large_request_are_those_of_its_head(self):
        self.ids(message="x" * 500_000)


class NoInject(HttpTest):
    def test_without_injection_neither_side_sees_a_header_more_or_less(self):
        server = self.fixture().address
        behind = self.proxy(origin(server), "--no-inject")
        changing = {"host", "date", "connection", "keep-alive"}  # Of a time, or of one connection only.
        ours = {"x-correlation-id": "order-77", "x-custom": "as it was"}
        seen = []
        for address in (server, behind.address):
            returned, sent = call(address, "seen_headers", {}, ours)
            seen.append([{name: value for name, value in headers if name.lower() not in changing}
                         for headers in (json.loads(sent).items(), returned.items())])
        self.assertEqual(seen[1], seen[0])


if __name__ == "__main__":
    unittest.main()
