"""A hostile page in a real browser changes nothing and reads nothing (test 46)."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import unittest

from http_support import ProxyTest, answering, call, chunk, get, json_answer, ours, post, SSE_HEAD
from support import PATIENCE, measured

BROWSER = shutil.which("chromium-headless-shell") or shutil.which("chromium")
PAGE = (pathlib.Path(__file__).parent / "hostile_page.html").read_text()
SECRET = "the-answer-of-the-server"

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
