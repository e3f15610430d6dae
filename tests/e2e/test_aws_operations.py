"""sonde aws cost, adot and deploy: what they write is what AWS, the collector and the tap itself take."""

import http.client
import json
import shlex
import subprocess
import unittest

import yaml
from support import PATIENCE, ROOT, SCRIPTED, SONDE, EndToEnd
from test_proxy import Proxy

# What the AWS distribution of the collector has, of the kinds that can be declared.
COLLECTOR_HAS = {
    "receivers": {"awsecscontainermetrics", "awscontainerinsightreceiver", "awsxray", "statsd", "prometheus", "kafka",
                  "jaeger", "zipkin", "otlp", "filelog"},
    "processors": {"groupbytrace", "tail_sampling", "attributes", "resource", "probabilistic_sampler", "span", "filter",
                   "metricstransform", "resourcedetection", "experimental_metricsgeneration", "cumulativetodelta",
                   "deltatorate", "batch", "memory_limiter", "k8sattributes"},
    "exporters": {"awsemf", "awsxray", "awscloudwatchlogs", "prometheusremotewrite", "prometheus", "file", "kafka", "debug",
                  "otlp", "otlphttp", "loadbalancing"},
    "extensions": {"awsproxy", "ecs_observer", "health_check", "pprof", "sigv4auth", "zpages", "file_storage"},
}


def collector_faults(config):
    """What is declared and not used, used and not declared, or not part of the distribution."""
    faults = []
    pipelines = config["service"]["pipelines"]
    for kind, known in COLLECTOR_HAS.items():
        declared = set(config.get(kind, {}))
        used = set(config["service"].get(kind, []))
        for pipeline in pipelines.values():
            used |= set(pipeline.get(kind, []))
        faults += [f"{kind}: {name} is declared and not used" for name in declared - used]
        faults += [f"{kind}: {name} is used and not declared" for name in used - declared]
        faults += [f"{kind}: there is no {name}" for name in declared if name.split("/")[0] not in known]
    faults += [f"{name}: needs receivers and exporters" for name, pipeline in pipelines.items()
               if not pipeline.get("receivers") or not pipeline.get("exporters")]
    return faults


class Collector(EndToEnd):
    def config(self, *flags):
        return yaml.safe_load(self.home.run("aws", "adot", "collector", *flags).stdout)

    def test_every_member_is_declared_and_used_and_part_of_the_distribution(self):
        self.assertEqual(collector_faults(self.config()), [])

    def test_the_check_finds_what_is_wrong(self):
        for change in (lambda c: c["service"]["pipelines"]["traces"]["exporters"].append("awsemf"),
                       lambda c: c["exporters"].update(unused={}),
                       lambda c: c["service"]["extensions"].clear(),
                       lambda c: c["service"]["pipelines"]["traces"].pop("receivers")):
            config = self.config()
            change(config)
            self.assertTrue(collector_faults(config))

    def test_it_listens_on_loopback_and_sends_traces_only(self):
        config = self.config("--region", "eu-central-1", "--environment", "staging")
        protocols = config["receivers"]["otlp"]["protocols"]
        self.assertEqual({name: x["endpoint"] for name, x in protocols.items()},
                         {"grpc": "127.0.0.1:4317", "http": "127.0.0.1:4318"})
        self.assertEqual(list(config["service"]["pipelines"]), ["traces"])
        self.assertEqual(list(config["exporters"]), ["awsxray"])
        xray = config["exporters"]["awsxray"]
        self.assertEqual(xray["region"], "eu-central-1")
        self.assertEqual(xray["aws_log_groups"], ["/mcp/staging"])
        for name in ("sonde.correlation_id", "gen_ai.conversation.id", "mcp.session.id", "error.type"):
            self.assertIn(name, xray["indexed_attributes"])
        limits = config["processors"]["memory_limiter"]
        self.assertLess(limits["spike_limit_mib"], limits["limit_mib"])

    def test_all_files_are_written_at_once(self):
        folder = self.home.folder / "aws"
        said = self.home.run("aws", "adot", "--dir", folder, "--server-image", "search:1.4").stdout.split()
        self.assertEqual(sorted(said), sorted(str(p) for p in folder.iterdir()))
        self.assertEqual(len(said), 4)
        json.loads((folder / "task-definition.json").read_text())
        json.loads((folder / "cloudwatch-agent.json").read_text())

    def test_the_region_of_the_environment_counts(self):
        text = self.home.run("aws", "adot", "collector", env={"AWS_REGION": "ap-south-1"}).stdout
        self.assertEqual(yaml.safe_load(text)["exporters"]["awsxray"]["region"], "ap-south-1")


class Task(Proxy):
    def task(self, *flags):
        return json.loads(self.home.run("aws", "adot", "task", "--image", "sonde:0.1.0", "--server-image", "search:1.4",
                                        "--server-name", "search", *flags).stdout)

    def container(self, task, name):
        [one] = [x for x in task["containerDefinitions"] if x["name"] == name]
        return one

    def test_its_tap_serves_is_well_and_writes_metric_lines_to_stdout(self):
        self.home.configure("environment: staging\nemf:\n  dimensions: [[ToolName, Environment]]\n")
        upstream = self.upstream()
        task = self.task("--server-port", str(upstream.port))
        tap = self.container(task, "sonde")
        variables = {x["name"]: x["value"] for x in tap["environment"]}
        # As in the container, but for the two things that this machine has otherwise.
        variables.update(SONDE_PROXY_LISTEN="127.0.0.1:0", SONDE_STATE_DIR=str(self.home.folder / "state"), HOME="/nowhere")
        process = subprocess.Popen([SONDE, *tap["command"]], env=variables, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, process)
        line = process.stderr.readline()
        self.assertIn("listening on http", line)
        port = int(line.strip().rsplit(":", 1)[1])
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.addCleanup(client.close)
        self.assertEqual(self.call(client)[0], 200)
        health = tap["healthCheck"]["command"]
        self.assertEqual(health[:2], ["CMD", "/usr/bin/sonde"])
        subprocess.run([SONDE, health[2], f"127.0.0.1:{port}"], check=True, timeout=PATIENCE, stdout=subprocess.DEVNULL)
        process.terminate()
        lines = [json.loads(x) for x in process.communicate(timeout=PATIENCE)[0].splitlines()]
        [call] = [x for x in lines if x["event"] == "tool.success"]
        [directive] = call["_aws"]["CloudWatchMetrics"]
        self.assertEqual(directive["Dimensions"], [["ToolName", "Environment"]])
        self.assertEqual((call["ServerName"], call["Environment"], call["Service"]), ("search", "staging", "search"))

    def test_the_tap_needs_no_more_than_its_volume(self):
        tap = self.container(self.task(), "sonde")
        self.assertTrue(tap["readonlyRootFilesystem"])
        self.assertEqual(tap["linuxParameters"]["capabilities"]["drop"], ["ALL"])
        self.assertEqual(tap["mountPoints"][0]["containerPath"], "/var/lib/sonde")
        recipe = (ROOT / "deploy" / "Containerfile").read_text()
        self.assertIn("\nVOLUME /var/lib/sonde\n", recipe)
        self.assertIn(f"\nUSER {tap['user']}\n", recipe)
        self.assertGreaterEqual(tap["stopTimeout"], 30)

    def test_telemetry_ends_last_and_is_never_waited_for(self):
        task = self.task("--with-agent")
        names = [x["name"] for x in task["containerDefinitions"]]
        self.assertEqual(names, ["sonde", "server", "collector", "agent"])
        for one in task["containerDefinitions"]:
            for before in one.get("dependsOn", []):
                self.assertEqual(before["condition"], "START")
                self.assertIn(before["containerName"], names)
        essential = {x["name"]: x["essential"] for x in task["containerDefinitions"]}
        self.assertEqual(essential, {"sonde": True, "server": True, "collector": False, "agent": False})

    def test_what_cannot_travel_is_told(self):
        self.home.configure("proxy:\n  token_file: /etc/sonde/token\n")
        done = self.home.run("aws", "adot", "task", "--server-image", "search:1.4")
        self.assertIn("proxy.token_file names a file of this machine", done.stderr)
        self.assertIn("--hash-key-secret", done.stderr)

    def test_wrong_options_are_told_with_the_reason(self):
        for flags, words in ((["task"], "no server"), (["task", "--server-image", "search"], "neither a version"),
                             (["task", "--server-image", "s:1", "--cpu", "300"], "300 units"), ([], "say which"),
                             (["tsk"], "task"), (["collector", "--region", "moon"], "no region")):
            with self.subTest(flags):
                done = self.home.run("aws", "adot", *flags, check=False)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(words, done.stderr)


class Cost(EndToEnd):
    def bill(self, *flags):
        return json.loads(self.home.run("aws", "cost", "--json", *flags).stdout)

    def item(self, bill, name):
        [one] = [x for x in bill["items"] if x["item"] == name]
        return one

    def test_the_bill_adds_up(self):
        bill = self.bill("--calls-per-second", "5", "--servers", "2", "--tools", "10")
        total = sum(x["dollars_per_month"] for x in bill["items"])
        self.assertAlmostEqual(total, bill["dollars_per_month"], delta=0.05)
        self.assertGreater(self.item(bill, "alarms")["quantity"], 10)
        self.assertEqual(self.item(bill, "alarms_composite")["quantity"], 1)

    def test_metrics_are_counted_by_server_and_tool(self):
        few = self.item(self.bill("--servers", "1", "--tools", "1"), "metrics")["quantity"]
        more = self.item(self.bill("--servers", "1", "--tools", "2"), "metrics")["quantity"]
        # One tool more is a series more in each of the two sets that have ToolName, of seven metrics.
        self.assertEqual(more - few, 14)

    def test_the_bytes_of_a_line_are_near_those_of_a_real_one(self):
        session = self.wrap(SCRIPTED, "--name", "scripted")
        session.initialize()
        session.request("tools/list")
        session.call("echo", {"text": "hello"})
        session.close()
        [line] = [x for x in self.home.raw_log().splitlines() if '"event":"tool.success"' in x]
        reckoned = self.bill()["line_bytes"]["with_metrics"]
        self.assertLess(abs(len(line) - reckoned) / reckoned, 0.25, f"{len(line)} B, reckoned {reckoned}")

    def test_prices_can_be_replaced_one_by_one_and_by_file(self):
        prices = json.loads(self.home.run("aws", "cost", "--show-prices").stdout)
        self.assertIn("us-east-1", prices["source"])
        prices.update(source="ours", alarm_composite=7)
        file = self.home.folder / "prices.json"
        file.write_text(json.dumps(prices))
        bill = self.bill("--prices", file, "--price", "dashboard=11")
        self.assertEqual(bill["prices"], "ours")
        self.assertEqual(self.item(bill, "alarms_composite")["dollars_per_month"], 7)
        self.assertEqual(self.item(bill, "dashboards")["dollars_per_month"], 11)
        self.assertIn("did you mean", self.home.run("aws", "cost", "--price", "dashbord=1", check=False).stderr)

    def test_without_metrics_there_are_no_alarms_and_it_is_said(self):
        done = self.home.run("aws", "cost", "--json", "--emf-mode", "off")
        bill = json.loads(done.stdout)
        self.assertEqual((self.item(bill, "metrics")["quantity"], self.item(bill, "alarms")["quantity"]), (0, 0))
        self.assertIn("without alarms", done.stderr)

    def test_dear_items_are_named(self):
        text = self.home.run("aws", "cost", "--servers", "10", "--tools", "50").stdout
        self.assertRegex(text, r"dear: metrics without the dimension sets that have ToolName: \$[\d.,]+ instead of \$[\d.,]+")


class Deploy(EndToEnd):
    def setUp(self):
        super().setUp()
        self.template = self.home.folder / "template.json"
        self.template.write_text('{"Resources":{}}')

    def test_a_dry_run_prints_the_commands_and_runs_none(self):
        done = self.home.run("aws", "deploy", "--dry-run", "--template", self.template, "--region", "eu-west-1",
                             "--parameter", "Suffix=-it's", env={"PATH": "/nowhere"})
        commands = [shlex.split(x) for x in done.stdout.splitlines() if x.startswith("aws ")]
        verbs = [x[3] if x[2] == "wait" else x[2] for x in commands]
        self.assertEqual(verbs, ["get-caller-identity", "describe-stacks", "create-change-set",
                                 "change-set-create-complete", "describe-change-set", "execute-change-set",
                                 "stack-create-complete"])
        self.assertIn('[{"ParameterKey":"Suffix","ParameterValue":"-it\'s"}]', commands[2])
        self.assertIn("a month", done.stdout)

    def test_the_template_is_made_from_the_configuration(self):
        done = self.home.run("aws", "deploy", "--dry-run", "--environment", "staging", "--calls-per-second", "5")
        self.assertIn("--stack-name sonde-mcp-staging ", done.stdout)
        self.assertIn("5.00 calls/s", done.stdout)
        wrong = self.home.run("aws", "deploy", "--dry-run", "--environment", "sta ging", check=False)
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("environment", wrong.stderr)

    def test_without_the_aws_cli_it_says_how_to_get_it(self):
        done = self.home.run("aws", "deploy", "--yes", "--template", self.template, check=False, env={"PATH": "/nowhere"})
        self.assertEqual(done.returncode, 1)
        self.assertIn("awscli", done.stderr)

    def test_no_template_is_left_behind(self):
        place = self.home.folder / "tmp"
        place.mkdir()
        self.home.run("aws", "deploy", "--yes", "--template", self.template, check=False,
                      env={"PATH": "/nowhere", "TMPDIR": str(place)})
        self.assertEqual(list(place.iterdir()), [])

    def test_a_large_template_needs_a_bucket(self):
        self.template.write_text(json.dumps({"Description": "x" * 60_000}))
        done = self.home.run("aws", "deploy", "--yes", "--template", self.template, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--s3-bucket", done.stderr)


if __name__ == "__main__":
    unittest.main()
