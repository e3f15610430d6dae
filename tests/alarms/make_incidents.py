#!/usr/bin/env python3
"""Makes tests/data/incidents/*.jsonl: metric lines of incidents, to be replayed against alarms.

    tests/alarms/make_incidents.py [--check] [NAME...]

What calls emit is recorded: for each kind of minute (quiet, failing, slow, hanging, ...) the real `sonde wrap` taps
a real server (this file with --serve) that really fails, sleeps or hangs, and the lines of its log with metrics are
kept.  An incident is then a sequence of such minutes; since nobody wants to wait for hours, the recorded lines are
repeated with `timestamp` and `_aws.Timestamp` moved to each of its minutes, and nothing else of them is changed.

So are the lines of events: a server that starts, dies, is started anew, an agent that goes in circles, a session that
fills its context; and of the gauges of `sonde proxy`, of which only the numbers are changed: nobody wants to wait for a
fleet.  What CloudWatch itself counts in AWS/Logs is not in any log; EMFDisabledErrors is written as a line of that
namespace, the two others follow from broken lines.

--check makes nothing; it says whether every file is there and has the lines that its incident has.
"""

import argparse
import functools
import http.client
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DATA = ROOT / "tests" / "data" / "incidents"
SONDE = os.environ.get("SONDE_BIN", str(ROOT / "out" / "bin" / "sonde"))
START_S = 1_795_176_000  # 2026-11-20 12:00:00 UTC
SERVER, ENVIRONMENT, NAMESPACE = "files", "production", "MCP/ToolServer"
PATIENCE_S = 30
# The default sets, and the one that alarms of a server watch.
DIMENSIONS = [["ServerName", "ToolName", "Environment"], ["ToolName", "Environment"], ["ServerName", "Environment"],
              ["Environment"]]
DIMENSION_FLAGS = [word for one in DIMENSIONS for word in ("--emf-dimensions", ",".join(one))]

# Kinds of minutes: what each of its calls does, as (how many, arguments of the tool).
OK = {"do": "answer"}
FAIL = {"do": "fail"}
MINUTES = {
    "quiet": [(20, OK)],
    "one_fails": [(19, OK), (1, FAIL)],
    "fails_3_percent": [(58, OK), (2, FAIL)],
    "fails_10_percent": [(18, OK), (2, FAIL)],
    "fails_60_percent": [(8, OK), (12, FAIL)],
    "fails_all": [(20, FAIL)],
    "hangs": [(20, {"do": "hang"})],
    "slow_half": [(4, OK), (16, {"do": "sleep", "seconds": 0.3})],
    "slow_some": [(16, OK), (4, {"do": "sleep", "seconds": 0.8})],
    "slow_one": [(24, OK), (1, {"do": "sleep", "seconds": 2.2})],
    "fails_slowly": [(18, OK), (2, {"do": "fail", "seconds": 2.2})],
    "busy": [(100, OK)],
    "big": [(19, OK), (1, {"do": "big", "bytes": 120_000})],
}


def serve():
    """An MCP server on stdio; calls run side by side, each does what its arguments say."""
    lock = threading.Lock()

    def answer(message, result):
        with lock:
            print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)

    def call(message):
        arguments = message["params"]["arguments"]
        what = arguments["do"]
        if what == "hang":
            return
        if what == "exit":
            os._exit(3)
        time.sleep(arguments.get("seconds", 0))
        text = "x" * arguments.get("bytes", 40)
        answer(message, {"content": [{"type": "text", "text": text}], **({"isError": True} if what == "fail" else {})})

    for line in sys.stdin:
        message = json.loads(line)
        method = message.get("method")
        if method == "initialize":
            answer(message, {"protocolVersion": message["params"]["protocolVersion"], "capabilities": {"tools": {}},
                             "serverInfo": {"name": SERVER, "version": "1.0.0"}})
        elif method == "tools/list":
            answer(message, {"tools": [{"name": "find", "inputSchema": {"type": "object"}}]})
        elif method == "tools/call":
            threading.Thread(target=call, args=(message,), daemon=True).start()


class Client:
    """Speaks to the server through the tap; waits for answers, never for luck."""

    def __init__(self, folder, *flags):
        self.log = pathlib.Path(folder) / "log.jsonl"
        # One line for each minute, as a busy tap writes it.
        command = [SONDE, "wrap", "--name", SERVER, "--environment", ENVIRONMENT, "--emf-mode", "aggregate",
                   "--emf-interval", "60s", *DIMENSION_FLAGS, *flags, "--log-file", str(self.log), "--",
                   sys.executable, "-u", __file__, "--serve"]
        environment = {"HOME": str(folder), "PATH": os.environ["PATH"]}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=environment)
        self.next_id = 0

    def send(self, method, params, notify=False):
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        if not notify:
            self.next_id += 1
            message["id"] = self.next_id
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()
        return self.next_id

    def receive(self):
        """The id of the next answer; what is said besides is passed over."""
        while True:
            message = json.loads(self.process.stdout.readline())
            if "id" in message:
                return message["id"]

    def start(self):
        self.send("initialize", {"protocolVersion": "2025-11-25", "capabilities": {},
                                 "clientInfo": {"name": "incidents", "version": "1"}})
        self.receive()
        self.send("notifications/initialized", {}, notify=True)
        self.send("tools/list", {})
        self.receive()

    def call(self, arguments):
        # No two calls are the same, or they would be an agent's that goes in circles.
        return self.send("tools/call", {"name": "find", "arguments": {**arguments, "number": self.next_id}})

    def call_all(self, calls):
        waiting = set()
        for count, arguments in calls:
            for _ in range(count):
                number = self.call(arguments)
                if arguments["do"] != "hang":
                    waiting.add(number)
                    continue
                # What a client does when its time is up; the time itself is not waited for.
                self.send("notifications/cancelled", {"requestId": number, "reason": "Request timed out"}, notify=True)
        while waiting:
            waiting.discard(self.receive())

    def stop(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(PATIENCE_S)


def run(what, *flags):
    """The lines that the tap writes while what(client) is done."""
    with tempfile.TemporaryDirectory() as folder:
        client = Client(folder, *flags)
        watchdog = threading.Timer(PATIENCE_S, client.process.kill)
        watchdog.start()
        try:
            client.start()
            what(client)
        finally:
            client.stop()
            watchdog.cancel()
        return [json.loads(line) for line in client.log.read_text().splitlines()]


def record(kind):
    """The lines with metrics of calls that one minute of this kind makes the tap write."""
    found = [line for line in run(lambda client: client.call_all(MINUTES[kind])) if "ToolDuration" in line]
    calls = sum(sum(count) if isinstance(count := line["tool_call_count"], list) else count for line in found)
    expected = sum(count for count, _ in MINUTES[kind])
    if calls != expected:
        raise SystemExit(f"{kind}: the tap counted {calls} of {expected} calls")
    return found


def stay_alive(client):
    while client.log.read_text().count('"ServerUp":1') < 2:  # The start, and a heartbeat.
        time.sleep(0.05)


def crash(client):
    client.call({"do": "exit"})
    while client.process.stdout.readline():  # With --restart an error, else the end.
        if "--restart" in client.process.args:
            return client.call_all([(1, OK)])  # Answered by the next server.
    return None


def go_in_circles(client):
    for _ in range(8):
        client.send("tools/call", {"name": "find", "arguments": OK})
        client.receive()


def fill_context(client):
    for _ in range(6):
        client.call({"do": "big", "bytes": 120_000})
        client.receive()


# Events with metrics: the metric and its value, and what makes the tap write the line.
EVENTS = {
    "up": ("ServerUp", 1, stay_alive, ("--wrap-heartbeat", "1s")),
    "down": ("ServerUp", 0, crash, ()),
    "restarted": ("ServerRestarts", 1, crash, ("--restart", "on-crash")),
    "thrash": ("AgentThrash", 1, go_in_circles, ()),
    "context": ("SessionResultTokens", None, fill_context, ()),
}


@functools.cache
def event(name):
    metric, value, what, flags = EVENTS[name]
    found = [line for line in run(what, *flags) if metric in line and value in (None, line[metric])]
    if not found:
        raise SystemExit(f"{name}: the tap has written no {metric}")
    return found[-1]


@functools.cache
def gauge_line():
    """Of a proxy with one stream and one user."""
    with tempfile.TemporaryDirectory() as folder, http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stream) as upstream:
        threading.Thread(target=upstream.serve_forever, daemon=True).start()
        proxy = subprocess.Popen(
            [SONDE, "proxy", "--listen", "127.0.0.1:0", "--environment", ENVIRONMENT, "--emf-interval", "1s",
             "--subject-header", "X-User", "--pulse-interval", "0", "--log-stdout", "--no-log-to-file", "--upstream",
             f"{SERVER}=http://127.0.0.1:{upstream.server_address[1]}", *DIMENSION_FLAGS],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={"HOME": folder, "PATH": os.environ["PATH"]})
        watchdog = threading.Timer(PATIENCE_S, proxy.kill)
        watchdog.start()
        try:
            port = int(proxy.stderr.readline().strip().rsplit(":", 1)[1])
            stream = http.client.HTTPConnection("127.0.0.1", port)
            stream.request("GET", "/mcp", headers={"Accept": "text/event-stream", "X-User": "ada"})
            stream.getresponse().read(1)
            user = http.client.HTTPConnection("127.0.0.1", port)
            user.request("POST", "/mcp", json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}),
                         {"Content-Type": "application/json", "X-User": "ada"})
            user.getresponse().read()
            for line in map(json.loads, proxy.stdout):
                if line.get("ActiveSseSessions") == 1 and line["ActiveUsers"] == 1:
                    return line
            raise SystemExit("the proxy has written no gauges")
        finally:
            watchdog.cancel()
            proxy.kill()
            proxy.wait()
            Stream.over.set()
            upstream.shutdown()


class Stream(http.server.BaseHTTPRequestHandler):
    """A server with an event stream that stays open."""

    over = threading.Event()

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b": open\n\n")
        self.over.wait(PATIENCE_S)

    def do_POST(self):
        body = b'{"jsonrpc":"2.0","id":1,"result":{}}'
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def gauges(streams, users):
    return lambda _: {**gauge_line(), "ActiveSseSessions": streams, "active_sse_sessions": streams,
                      "ActiveUsers": users, "active_users": users, "McpSessions": streams, "mcp_sessions": streams}


def happens(name):
    return lambda _: event(name)


def up(value):
    return happens("up" if value else "down")


def disabled(count):
    return {"timestamp": "", "_aws": {"Timestamp": 0, "CloudWatchMetrics": [
        {"Namespace": "AWS/Logs", "Dimensions": [["LogGroupName"]], "Metrics": [{"Name": "EMFDisabledErrors"}]}]},
        "LogGroupName": "/mcp/production", "EMFDisabledErrors": count}


def broken(line, how):
    """What a careless program makes of a good line."""
    copy = json.loads(json.dumps(line))
    if how == "parsing":
        copy["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Unit"] = "ms"
    else:
        del copy["ToolDuration"]
    return copy


class Story:
    """An incident: what happens in each minute."""

    def __init__(self):
        self.minutes = []

    def calls(self, minutes, kind, *more):
        """`minutes` minutes with calls of this kind; `more` are lines, or functions of the minute that make some."""
        self.minutes += [(kind, more)] * minutes
        return self

    def silence(self, minutes):
        self.minutes += [(None, ())] * minutes
        return self

    def lines(self, recorded):
        for minute, (kind, more) in enumerate(self.minutes):
            for line in recorded(kind) if kind else []:
                yield moved(line, minute, 40)
            for line in more:
                yield moved(line(minute) if callable(line) else line, minute, 50)


def moved(line, minute, second):
    at = START_S + minute * 60 + second
    copy = json.loads(json.dumps(line))
    copy["timestamp"] = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(at))
    copy["_aws"]["Timestamp"] = at * 1000
    return copy


def incident(kind, minutes=12, *more, after=20):
    """Ten quiet minutes, some of this kind, and enough quiet ones to recover."""
    return Story().calls(10, "quiet", up(1)).calls(minutes, kind, up(1), *more).calls(after, "quiet", up(1))


def beside(minutes, *lines, after=20):
    """The same, with calls as always and lines of something else."""
    return incident("quiet", minutes, *lines, after=after)


def server_down():
    return Story().calls(10, "quiet", up(1)).calls(6, "fails_all", up(0)).calls(20, "quiet", up(1))


def server_restarts():
    # Nothing is emitted while nothing restarts, so the last datapoint of 15 minutes is looked at for 45.
    return beside(4, happens("restarted"), after=50)


def silence():
    return Story().calls(10, "quiet", up(1)).silence(8).calls(20, "quiet", up(1))


def session_leak():
    """Streams rise for 80 minutes while there are three users; then the server is restarted."""
    story = Story().calls(15, "quiet", gauges(5, 3), up(1))
    story.calls(85, "quiet", lambda minute: gauges(5 + (minute - 15) // 2, 3)(minute), up(1))
    return story.calls(40, "quiet", gauges(5, 3), up(1))


def quiet_day():
    """Users come for an hour and a half, and go again; a call fails now and then."""
    story = Story()
    for minute in range(180):
        users = 34 - abs(90 - minute) // 3
        kind = "one_fails" if minute % 20 == 10 else "quiet"
        story.calls(1, kind, gauges(users * 2, users), up(1))
    return story


STORIES = {
    "quiet_day": quiet_day,
    "error_rate_over_1_percent": lambda: incident("fails_3_percent"),
    "error_rate_over_5_percent": lambda: incident("fails_10_percent"),
    "error_rate_over_50_percent": lambda: incident("fails_60_percent"),
    "outage_that_fails_fast": lambda: incident("fails_all"),
    "outage_that_hangs": lambda: incident("hangs"),
    "errors_and_latency": lambda: incident("fails_slowly", 15),
    "high_p50": lambda: incident("slow_half"),
    "high_p95": lambda: incident("slow_some"),
    "high_p99": lambda: incident("slow_one", 15),
    "call_rate_near_capacity": lambda: incident("busy"),
    "large_result": lambda: incident("big"),
    "sessions_near_max": lambda: Story().calls(10, "quiet", gauges(20, 10), up(1))
                                        .calls(8, "quiet", gauges(95, 10), up(1))
                                        .calls(12, "quiet", gauges(20, 10), up(1)),
    "session_leak": session_leak,
    "session_context": lambda: beside(3, happens("context")),
    "server_down": server_down,
    "server_restarts": server_restarts,
    "thrash": lambda: beside(3, happens("thrash")),
    "silence": silence,
    "emf_parsing_errors": lambda: incident("quiet", 3, "parsing"),
    "emf_validation_errors": lambda: incident("quiet", 3, "validation"),
    "emf_disabled_errors": lambda: beside(3, disabled(4)),
}


def lines_of(name, recorded):
    story = STORIES[name]()
    # A broken line is made of a recorded one, which the stories do not have yet.
    story.minutes = [(kind, tuple(broken(recorded("quiet")[0], one) if isinstance(one, str) else one for one in more))
                     for kind, more in story.minutes]
    return [json.dumps(line, separators=(",", ":"), ensure_ascii=False) for line in story.lines(recorded)]


def check():
    """Without the tap: each file has the minutes of its story."""
    wrong = []
    for name in STORIES:
        path = DATA / f"{name}.jsonl"
        if not path.exists():
            wrong.append(f"{path.name}: missing")
            continue
        times = {json.loads(line)["_aws"]["Timestamp"] for line in path.read_text().splitlines()}
        minutes = {(at // 1000 - START_S) // 60 for at in times}
        expected = {minute for minute, (kind, more) in enumerate(STORIES[name]().minutes) if kind or more}
        if minutes != expected:
            wrong.append(f"{path.name}: has other minutes than its story")
    for path in DATA.glob("*.jsonl"):
        if path.stem not in STORIES:
            wrong.append(f"{path.name}: of no story")
    for problem in wrong:
        print(problem, file=sys.stderr)
    return 1 if wrong else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    if options.serve:
        return serve()
    if options.check:
        return check()
    pool = {}

    def recorded(kind):
        if kind not in pool:
            pool[kind] = record(kind)
        return pool[kind]

    DATA.mkdir(parents=True, exist_ok=True)
    for name in options.names or STORIES:
        (DATA / f"{name}.jsonl").write_text("\n".join(lines_of(name, recorded)) + "\n")
        print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
