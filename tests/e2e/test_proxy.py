"""sonde proxy as its users run it: TLS on both sides, reload, health, tokens, metadata, wrong settings."""

import contextlib
import http.client
import http.server
import json
import os
import signal
import socket
import ssl
import subprocess
import threading
import time

from support import PATIENCE, SONDE, EndToEnd

CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "echo", "arguments": {"a": 1}}}
ANSWER = {"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": "done"}]}}


class Upstream(http.server.ThreadingHTTPServer):
    """Answers calls, and keeps what it was sent."""

    daemon_threads = True

    def __init__(self, tls=None):
        self.seen = []
        super().__init__(("127.0.0.1", 0), Handler)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body, **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.path, dict(self.headers), body))
        self.answer(200, json.dumps(ANSWER).encode(), Content_Type="application/json")

    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers), b""))
        origin = f"http://127.0.0.1:{self.server.port}"
        if self.path.startswith("/.well-known/"):
            body = json.dumps({"resource": origin + "/mcp", "authorization_servers": ["https://as.example"]})
            return self.answer(200, body.encode(), Content_Type="application/json")
        metadata = f'resource_metadata="{origin}/.well-known/oauth-protected-resource/mcp"'
        if self.path == "/several":  # Fields of one name are a list.
            return self.answer(401, b"", WWW_Authenticate='Basic realm="a"', www_authenticate=f"Bearer {metadata}",
                               WWW_authenticate=f"DPoP {metadata}")
        return self.answer(401, b"", WWW_Authenticate=f"Bearer {metadata}")


class Proxy(EndToEnd):
    def upstream(self, tls=None):
        server = Upstream(tls)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def start(self, *flags, name="up", url=None, expect=True):
        """Starts a proxy; its port, once it says that it listens."""
        # The upstream here counts what it is asked.
        command = [SONDE, "proxy", "--listen", "127.0.0.1:0", "--pulse-interval", "0", *flags]
        if url:
            command += ["--upstream", f"{name}={url}"]
        self.process = subprocess.Popen(command, env=self.home.environment, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, self.process)
        self.said = []
        if not expect:
            return None
        line = self.process.stderr.readline()
        self.assertIn("listening on http", line)
        reader = threading.Thread(target=lambda: self.said.extend(iter(self.process.stderr.readline, "")), daemon=True)
        reader.start()
        return int(line.strip().rsplit(":", 1)[1])

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE)
        process.stdout.close()
        process.stderr.close()

    def wait_for(self, condition, what):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.02)

    @staticmethod
    def call(connection, path="/mcp", **fields):
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        connection.request("POST", path, json.dumps(CALL), {**headers, **{k.replace("_", "-"): v for k, v in fields.items()}})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def certificate(self, name, issuer=None):
        """A key and a certificate in one file each, by openssl."""
        folder = self.home.folder / "tls"
        folder.mkdir(exist_ok=True)
        key, cert = folder / f"{name}.key", folder / f"{name}.pem"
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                   "-keyout", key, "-out", cert, "-days", "2", "-subj", f"/CN={name}",
                   "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        if issuer:
            command += ["-CA", issuer[0], "-CAkey", issuer[1], "-addext", "basicConstraints=critical,CA:FALSE"]
        subprocess.run(list(map(str, command)), check=True, capture_output=True)
        return cert, key

    def server_tls(self, cert, key):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        return context


class Tls(Proxy):
    def test_clients_may_come_by_tls(self):
        cert, key = self.certificate("localhost")
        upstream = self.upstream()
        port = self.start("--tls-certificate", str(cert), "--tls-key", str(key), url=f"http://127.0.0.1:{upstream.port}")
        context = ssl.create_default_context(cafile=cert)
        with contextlib.closing(http.client.HTTPSConnection("localhost", port, timeout=PATIENCE, context=context)) as client:
            for _ in range(3):
                self.assertEqual(self.call(client), (200, json.dumps(ANSWER).encode()))
        self.assertEqual(len(upstream.seen), 3)

    def test_clients_without_a_certificate_stay_outside_where_one_is_asked_for(self):
        cert, key = self.certificate("localhost")
        ca, ca_key = self.certificate("authority")
        mine, mine_key = self.certificate("client", (ca, ca_key))
        upstream = self.upstream()
        port = self.start("--tls-certificate", str(cert), "--tls-key", str(key), "--tls-client-ca", str(ca),
                          url=f"http://127.0.0.1:{upstream.port}")
        stranger = ssl.create_default_context(cafile=cert)
        with self.assertRaises((ssl.SSLError, ConnectionError, http.client.HTTPException)):
            with contextlib.closing(http.client.HTTPSConnection("localhost", port, timeout=PATIENCE, context=stranger)) as client:
                self.call(client)
        self.assertEqual(upstream.seen, [])
        known = ssl.create_default_context(cafile=cert)
        known.load_cert_chain(mine, mine_key)
        with contextlib.closing(http.client.HTTPSConnection("localhost", port, timeout=PATIENCE, context=known)) as client:
            self.assertEqual(self.call(client)[0], 200)

    def test_a_handshake_that_is_slow_or_broken_off_holds_nothing_up(self):
        cert, key = self.certificate("localhost")
        upstream = self.upstream()
        port = self.start("--tls-certificate", str(cert), "--tls-key", str(key), "--head-timeout", "1s", "--threads", "1",
                          url=f"http://127.0.0.1:{upstream.port}")
        context = ssl.create_default_context(cafile=cert)

        def call():
            with contextlib.closing(http.client.HTTPSConnection("localhost", port, timeout=PATIENCE, context=context)) as client:
                self.assertEqual(self.call(client)[0], 200)

        call()
        files = f"/proc/{self.process.pid}/fd"
        before = len(os.listdir(files))
        outgoing = ssl.MemoryBIO()
        with contextlib.suppress(ssl.SSLWantReadError):
            context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost").do_handshake()
        hello = outgoing.read()
        slow = []
        for said in (b"", hello[:3], hello[:-1], hello, b"GET / HTTP/1.1\r\n\r\n"):
            for stays in (True, False):
                sock = socket.create_connection(("127.0.0.1", port), PATIENCE)
                self.addCleanup(sock.close)
                sock.sendall(said)
                if stays:
                    slow.append(sock)
                else:
                    sock.close()
        call()  # While they wait.
        for sock in slow:
            with contextlib.suppress(ConnectionError):
                while sock.recv(65536):  # Ends within PATIENCE, or times out.
                    pass
        self.wait_for(lambda: len(os.listdir(files)) <= before, "their descriptors are closed")
        call()

    def test_upstreams_are_verified_unless_that_is_switched_off(self):
        cert, key = self.certificate("localhost")
        upstream = self.upstream(self.server_tls(cert, key))
        url = f"https://localhost:{upstream.port}"
        for flags, status in (([], 502), (["--no-upstream-verify"], 200), (["--upstream-ca", str(cert)], 200)):
            with self.subTest(flags):
                port = self.start(*flags, url=url)
                with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as client:
                    got, body = self.call(client)
                self.assertEqual(got, status, body)
                if status == 502:
                    self.assertIn(b"certificate", body)
                self.end(self.process)

    def test_a_certificate_for_another_name_does_not_do(self):
        cert, key = self.certificate("localhost")
        upstream = self.upstream(self.server_tls(cert, key))
        port = self.start("--upstream-ca", str(cert), url=f"https://127.0.0.2:{upstream.port}")
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as client:
            self.assertEqual(self.call(client)[0], 502)
        self.assertEqual(upstream.seen, [])

    def test_a_large_answer_comes_whole_through_tls_on_both_sides(self):
        cert, key = self.certificate("localhost")
        upstream = self.upstream(self.server_tls(cert, key))
        large = b"x" * 3_000_000
        upstream.RequestHandlerClass = type("Large", (Handler,), {
            "do_POST": lambda handler: (handler.rfile.read(int(handler.headers["Content-Length"])),
                                        handler.answer(200, large, Content_Type="application/json"))})
        port = self.start("--tls-certificate", str(cert), "--tls-key", str(key), "--upstream-ca", str(cert),
                          url=f"https://localhost:{upstream.port}")
        context = ssl.create_default_context(cafile=cert)
        with contextlib.closing(http.client.HTTPSConnection("localhost", port, timeout=PATIENCE, context=context)) as client:
            status, body = self.call(client)
        self.assertEqual(status, 200)
        self.assertTrue(body == large, len(body))


class Running(Proxy):
    def test_the_configuration_is_read_again_and_a_wrong_one_is_not_taken(self):
        first, second = self.upstream(), self.upstream()
        self.home.configure(f"proxy: {{upstreams: ['a=http://127.0.0.1:{first.port}']}}\n")
        port = self.start()
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.addCleanup(client.close)
        self.assertEqual(self.call(client)[0], 200)
        self.home.configure(f"proxy: {{upstreams: ['a=http://127.0.0.1:{second.port}']}}\n")
        self.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: any("read again" in line for line in self.said), "it says so")
        self.assertEqual(self.call(client)[0], 200)
        self.assertEqual((len(first.seen), len(second.seen)), (1, 1))
        self.home.configure("proxy: {upstream: []}\n")
        self.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: any("stays as it was" in line for line in self.said), "it says so")
        self.assertTrue(any("upstreams" in line for line in self.said), self.said)
        self.assertEqual(self.call(client)[0], 200)
        self.assertEqual(len(second.seen), 2)

    def test_health_is_answered_here_or_where_it_was_asked_to_be(self):
        upstream = self.upstream()
        url = f"http://127.0.0.1:{upstream.port}"
        port = self.start(url=url)
        done = self.home.run("health", f"127.0.0.1:{port}", check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(upstream.seen, [])
        self.end(self.process)
        port = self.start("--health-listen", "127.0.0.1:0", url=url)
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as client:
            client.request("GET", "/healthz")
            self.assertEqual(client.getresponse().status, 401)  # The upstream's answer.
        self.assertEqual(upstream.seen[0][0], "/healthz")

    def test_the_token_is_for_us_and_goes_no_further(self):
        upstream = self.upstream()
        token = "0123456789abcdef0123456789abcdef"
        (self.home.folder / "token").write_text(token + "\n")
        port = self.start("--token-file", str(self.home.folder / "token"), url=f"http://127.0.0.1:{upstream.port}")
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.addCleanup(client.close)
        self.assertEqual(self.call(client)[0], 407)
        self.assertEqual(self.call(client, X_Sonde_Token=token, Authorization="Bearer theirs")[0], 200)
        self.assertEqual(self.call(client, Proxy_Authorization="Bearer " + token)[0], 200)
        for _, fields, _ in upstream.seen:
            self.assertNotIn(token, json.dumps(fields))
        self.assertEqual(upstream.seen[0][1]["Authorization"], "Bearer theirs")
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)
        self.assertNotIn(token, self.home.raw_log())

    def test_metadata_lead_to_the_public_origin(self):
        upstream = self.upstream()
        port = self.start("--public-origin", "https://mcp.example", url=f"http://127.0.0.1:{upstream.port}")
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as client:
            client.request("GET", "/.well-known/oauth-protected-resource/mcp")
            answer = client.getresponse()
            metadata = json.loads(answer.read())
            self.assertEqual(metadata["resource"], "https://mcp.example/mcp")
            self.assertEqual(metadata["authorization_servers"], ["https://as.example"])
            client.request("GET", "/mcp")
            answer = client.getresponse()
            answer.read()
            self.assertEqual(answer.status, 401)
            self.assertIn('"https://mcp.example/.well-known/', answer.headers["WWW-Authenticate"])

    def test_of_several_challenges_none_is_lost(self):
        upstream = self.upstream()
        for flags, known_as in (([], f"http://127.0.0.1:{upstream.port}"), (["--public-origin", "https://mcp.example"], "https://mcp.example")):
            port = self.start(*flags, url=f"http://127.0.0.1:{upstream.port}")
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as client:
                client.request("GET", "/several")
                answer = client.getresponse()
                answer.read()
                url = f'resource_metadata="{known_as}/.well-known/oauth-protected-resource/mcp"'
                self.assertEqual(", ".join(answer.headers.get_all("WWW-Authenticate")),
                                 f'Basic realm="a", Bearer {url}, DPoP {url}')

    def test_log_lines_go_to_stdout_where_that_is_asked_for(self):
        upstream = self.upstream()
        port = self.start("--log-stdout", "--no-log-to-file", url=f"http://127.0.0.1:{upstream.port}")
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as client:
            self.call(client)
        self.process.send_signal(signal.SIGTERM)
        lines = [json.loads(line) for line in self.process.stdout]
        self.process.wait(PATIENCE)
        self.assertEqual([x["tool_name"] for x in lines if x["event"] == "tool.success"], ["echo"])
        self.assertEqual(self.home.lines(), [])

    def test_what_is_not_observed_passes_as_it_is_and_leaves_no_line(self):
        upstream = self.upstream()
        url = f"http://127.0.0.1:{upstream.port}"
        self.home.configure(f"proxy: {{upstreams: ['up={url}'], observe: false, deny_tools: [rm]}}\n")
        port = self.start()
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.addCleanup(client.close)
        self.assertEqual(self.call(client), (200, json.dumps(ANSWER).encode()))
        _, fields, body = upstream.seen[0]
        self.assertEqual(body, json.dumps(CALL).encode())
        self.assertEqual([name for name in fields if name.lower() in ("x-request-id", "traceparent")], [])
        denied = json.dumps({**CALL, "params": {"name": "rm"}})
        client.request("POST", "/mcp", denied, {"Content-Type": "application/json"})
        self.assertIn(b"-32010", client.getresponse().read())
        self.assertEqual(len(upstream.seen), 1)
        # The way back, without a restart.
        self.home.configure(f"proxy: {{upstreams: ['up={url}'], deny_tools: [rm]}}\n")
        self.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: any("read again" in line for line in self.said), "it says so")
        self.assertEqual(self.call(client)[0], 200)
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)
        calls = [x for x in self.home.lines() if x["event"].startswith("tool.")]
        self.assertEqual([x["event"] for x in calls], ["tool.success"])
        self.assertIn(b"traceparent", upstream.seen[1][2])

    def test_several_upstreams_are_told_apart_by_host_and_path(self):
        one, two, three = self.upstream(), self.upstream(), self.upstream()
        port = self.start("--allow-host", "b.example", "--upstream", f"b@b.example=http://127.0.0.1:{two.port}",
                          "--upstream", f"c/c=http://127.0.0.1:{three.port}/base",
                          name="a", url=f"http://127.0.0.1:{one.port}")
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.addCleanup(client.close)
        self.call(client)
        self.call(client, Host="b.example")
        self.call(client, path="/c/mcp?x=1")
        self.assertEqual([server.seen[0][0] for server in (one, two, three)], ["/mcp", "/mcp", "/base/mcp?x=1"])
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)
        self.assertEqual([x["server_name"] for x in self.home.calls()], ["a", "b", "c"])


class Refusing(Proxy):
    def refused(self, *flags, url="http://127.0.0.1:1"):
        self.start(*flags, url=url, expect=False)
        code = self.process.wait(PATIENCE)
        return code, self.process.stderr.read()

    def test_it_does_not_start_with_what_is_wrong(self):
        cases = {
            ("--lisen", "127.0.0.1:0"): "--listen",
            ("--proxy-stric",): "--proxy-strict",
            ("--listen", "0.0.0.0:0"): "--insecure-listen",
            ("--token-file", "/no/such/file"): "proxy.token_file",
        }
        for flags, hint in cases.items():
            with self.subTest(flags):
                code, said = self.refused(*flags)
                self.assertEqual(code, 2, said)
                self.assertIn(hint, said)

    def test_a_key_that_is_unknown_is_told_with_its_line(self):
        self.home.configure("emf: {mode: off}\nproxy:\n  upstrems: []\n")
        code, said = self.refused()
        self.assertEqual(code, 2)
        self.assertIn("sonde.yaml:3", said)
        self.assertIn("upstreams", said)

    def test_an_address_in_use_is_not_shared_in_silence(self):
        upstream = self.upstream()
        port = self.start(url=f"http://127.0.0.1:{upstream.port}")
        first = self.process
        second = subprocess.run([SONDE, "proxy", "--listen", f"127.0.0.1:{port}", "--upstream",
                                 f"up=http://127.0.0.1:{upstream.port}"], env=self.home.environment,
                                capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(second.returncode, 1)
        self.assertIn(f"port {port}", second.stderr)
        self.assertIsNone(first.poll())


if __name__ == "__main__":
    import unittest

    unittest.main()
