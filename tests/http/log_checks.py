"""Is every call in the log, exactly once, and does its line say what the client saw?

A client's report (tests/conformance/client/witness.mjs, or any with the same keys) has
`requests`: each JSON-RPC request that it sent, with `step`, `method`, `name` and the ids
`x-request-id`, `x-correlation-id` and `session` of its exchange; and `calls`: those steps that
are one call of a tool, with `status`, where it is known, and `took_ms` by the client's stopwatch.

What a server recorded (the fixture's --record) is a list of such requests, without steps.
"""

import collections
import re
import statistics

FINISHED = re.compile(r"^tool\.(success|error|denied|timeout|cancelled|aborted)$|^mcp\.")
# What ends only with its connection, and is no work of the server's.
STREAMS = {"subscriptions/listen"}
CLOCK_SLACK_MS = 1.0  # Two clocks are read, and two decimals written.


def calls_in(lines):
    """The finished calls of clients among the log's lines."""
    return [line for line in lines if FINISHED.match(line.get("event", "")) and line.get("direction") != "to_client"]


def complaints(lines, reports, raw_log=""):
    """Everything that is wrong with the log of these clients' runs, in words."""
    found = []
    by_request = {}
    for line in calls_in(lines):
        by_request.setdefault(line.get("request_id"), []).append(line)
    expected = set()
    for report in reports:
        expected |= {request.get("x-request-id") for request in report["requests"]}
        found += _requests(report, by_request)
        found += _calls(report, by_request)
        found += _session(report, by_request, raw_log)
    unanswered = _unanswered(reports)
    for request, its in by_request.items():
        for line in its if request not in expected else []:
            key = (line.get("method"), line.get("tool_name"))
            if line["status"] == "cancelled" and unanswered[key] > 0:
                unanswered[key] -= 1
            else:
                found.append(f"a call that no client made: {line['event']} {line.get('tool_name', '')} {request}")
    found += [f"{n} requests of {key}, given up by the client, are not in the log" for key, n in unanswered.items() if n]
    return found


def _unanswered(reports):
    """How many requests the client gave up before a response began: nothing told it their ids."""
    return collections.Counter((request["method"], request.get("name")) for report in reports
                               for request in report["requests"] if request.get("http_status") is None)


def complaints_of_server(lines, requests, raw_log=""):
    """The same by what arrived at the server, which knows neither steps nor times."""
    found = []
    arrived = {}
    for request in requests:
        if request["x-request-id"] in arrived:
            found.append(f"two requests with the id {request['x-request-id']}")
        arrived[request["x-request-id"]] = request
    hops, hashes = collections.Counter(), {}
    for line in calls_in(lines):
        request = arrived.pop(line.get("request_id"), None)
        if not request:
            found.append(f"a call that did not arrive, or is in the log twice: {line['event']} {line.get('request_id')}")
            continue
        name = request.get("name")
        hops[(request["method"], name)] += line.get("hops", 1)
        found += _line("server", line, request["method"], name, [request])
        if request["session"]:
            hashes.setdefault(request["session"], set()).add(line.get("mcp_session_id"))
    wanted = collections.Counter((request["method"], request.get("name")) for request in requests
                                 if request["method"] not in STREAMS)
    hops = collections.Counter({key: n for key, n in hops.items() if key[0] not in STREAMS})
    found += [f"{n} requests of {key} are not in the log" for key, n in (wanted - hops).items()]
    found += [f"{n} hops of {key} too many in the log" for key, n in (hops - wanted).items()]
    found += [f"one session, but in the log {its}" for its in hashes.values() if len(its) != 1 or None in its]
    found += ["the session's handle is in the log" for handle in hashes if handle in raw_log]
    return found


def _steps(report):
    """The requests of each step that belong to one call: the same method and name again is its next hop."""
    steps = {}
    for request in report["requests"]:
        steps.setdefault((request["step"], request["method"], request.get("name")), []).append(request)
    return steps


def _requests(report, by_request):
    called = {(call["step"], call["tool"]) for call in report["calls"]}
    for (step, method, name), hops in _steps(report).items():
        where = f"{step}: {method} {name or ''}"
        hops = [hop for hop in hops if hop.get("http_status") is not None]
        if not hops:
            continue
        if any(not hop.get("x-request-id") for hop in hops):
            yield f"{where}: a response without x-request-id"
            continue
        ids = {hop["x-request-id"] for hop in hops}
        its = [line for request in ids for line in by_request.get(request, [])]
        # Outside a step that is one call, each request is a call of its own.
        wanted = 1 if (step, name) in called else len(hops)
        if method not in STREAMS and len(its) != wanted:
            yield f"{where}: {len(its)} lines in the log for {wanted} calls of {len(hops)} requests"
        if method not in STREAMS and (step, name) in called and its and its[0].get("hops", 1) != len(hops):
            yield f"{where}: {its[0].get('hops', 1)} hops in the log, {len(hops)} requests"
        for line in its:
            yield from _line(where, line, method, name, hops)


def _line(where, line, method, name, hops):
    if line.get("method") != method:
        yield f"{where}: the log says {line.get('method')}"
    if method == "tools/call" and line.get("tool_name") != name:
        yield f"{where}: the log says tool {line.get('tool_name')}"
    correlations = {hop.get("x-correlation-id") for hop in hops}
    if line.get("correlation_id") not in correlations:
        yield f"{where}: correlation {line.get('correlation_id')} in the log, {correlations} in the headers"
    if line.get("duration_ms", -1) < 0:
        yield f"{where}: no duration"


def _calls(report, by_request):
    """Status and duration of the steps that are one call."""
    late = []
    for call in report["calls"]:
        ids = {request.get("x-request-id") for request in report["requests"]
               if request["step"] == call["step"] and request.get("name") == call["tool"]}
        for line in [line for request in ids for line in by_request.get(request, [])]:
            if call.get("status") and line["status"] != call["status"]:
                yield f"{call['step']}: status {line['status']} in the log, {call['status']} for the client"
            if line["duration_ms"] > call["took_ms"] + CLOCK_SLACK_MS and call.get("status") != "cancelled":
                yield f"{call['step']}: {line['duration_ms']} ms in the log, {call['took_ms']:.2f} ms by the stopwatch"
            late.append(call["took_ms"] - line["duration_ms"])
    report["stopwatch_minus_log_ms"] = round(statistics.median(late), 2) if late else None


def _session(report, by_request, raw_log):
    """One hash for all of a session's calls, none without a session, and never the handle itself."""
    hashes, sessions, handles = set(), set(), set()
    for request in report["requests"]:
        session = request.get("session")
        if request["method"] == "initialize":
            session = request.get("mcp-session-id")  # Elsewhere a server may say one, but it opens nothing.
        handles.add(session)
        for line in by_request.get(request.get("x-request-id"), []):
            if session:
                hashes.add(line.get("mcp_session_id"))
                sessions.add(line.get("session_id"))
            elif request.get("http_status") == 200 and line.get("mcp_session_id"):
                yield f"{request['step']}: an MCP session in the log, none on the wire"
    if any(handle in raw_log for handle in handles - {None}):
        yield "the session's handle is in the log"
    if len(hashes) > 1 or None in hashes:
        yield f"one session, but in the log {hashes}"
    if len(sessions) > 1 or sessions & {None, "none"}:
        yield f"one session, but as session_id {sessions}"
    report["session_hash"] = next(iter(hashes), None)
