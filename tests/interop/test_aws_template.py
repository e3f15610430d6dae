"""The template of `sonde aws template`: cfn-lint, a stack of it in moto by the real AWS CLI, and its policies."""

import base64
import copy
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "aws"))

import aws_stack  # noqa: E402
import support  # noqa: E402
from moto.iam.access_control import IAMPolicyStatement, PermissionResult  # noqa: E402

SONDE = os.environ["SONDE_BIN"]
BIN = pathlib.Path(sys.executable).parent
PATIENCE = 300
CONFIG = {
    "environment": "staging",
    "emf": {"dimensions": [["ServerName", "ToolName", "Environment"], ["ServerName", "Environment"], ["Environment"]],
            "agent_endpoint": "tcp://127.0.0.1:25888", "log_group": "mcp-metrics"},
    "alarms": {"heartbeat": True},
    "aws": {"alert_subscriptions": ["email=ops@example.com"], "page_subscriptions": ["sms=+4930123456"]},
}


def template_of(folder, config):
    made = support.sonde(folder, config, "template")
    assert made.returncode == 0, made.stderr
    return made.stdout


class Lint(unittest.TestCase):
    def test_cfn_lint_has_nothing_to_say_about_200_templates(self):
        with tempfile.TemporaryDirectory(prefix="sonde-lint-") as folder:
            paths = support.write_templates(folder)
            done = subprocess.run([BIN / "cfn-lint", "--format", "parseable", *paths], capture_output=True, text=True, timeout=3600)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_cfn_lint_sees_what_is_wrong(self):
        with tempfile.TemporaryDirectory(prefix="sonde-lint-") as folder:
            template = json.loads(template_of(folder, {}))
            template["Resources"]["LogGroup"]["Properties"]["RetentionInDays"] = 31
            path = pathlib.Path(folder) / "mutant.json"
            path.write_text(json.dumps(template))
            done = subprocess.run([BIN / "cfn-lint", path], capture_output=True, text=True, timeout=PATIENCE)
        self.assertNotEqual(done.returncode, 0)


class Stack(unittest.TestCase):
    """Deployed once; looked at by the AWS CLI."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="sonde-stack-")
        cls.addClassCleanup(folder.cleanup)
        cls.cloud = aws_stack.Aws()
        cls.addClassCleanup(cls.cloud.stop)
        cls.environment = cls.cloud.environment(folder.name) | {"PATH": f"{BIN}:/usr/bin:/bin"}
        cls.template = json.loads(template_of(folder.name, CONFIG))
        path = pathlib.Path(folder.name) / "template.json"
        path.write_text(json.dumps(cls.template, separators=(",", ":")))
        cls.recorder("start-recording")
        cls.deployed = subprocess.run([SONDE, "aws", "deploy", "--stack", "mcp", "--template", str(path), "--yes"],
                                      env=cls.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)
        cls.recorder("stop-recording")
        cls.requests = cls.recorder("download-recording", "GET")

    @classmethod
    def recorder(cls, verb, method="POST"):
        request = urllib.request.Request(f"{cls.cloud.endpoint}/moto-api/recorder/{verb}", method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.read().decode()

    def aws(self, *words):
        done = subprocess.run([BIN / "aws", *words, "--output", "json"], env=self.environment, timeout=PATIENCE,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def of_type(self, kind):
        return {name: x["Properties"] for name, x in self.template["Resources"].items() if x["Type"] == kind}

    def test_the_stack_stands(self):
        self.assertEqual(self.deployed.returncode, 0, self.deployed.stderr)
        stack = self.aws("cloudformation", "describe-stacks", "--stack-name", "mcp")["Stacks"][0]
        self.assertEqual(stack["StackStatus"], "CREATE_COMPLETE")
        made = self.aws("cloudformation", "describe-stack-resources", "--stack-name", "mcp")["StackResources"]
        self.assertEqual({x["LogicalResourceId"] for x in made}, set(self.template["Resources"]))

    def test_alarms_are_listed_with_their_topics(self):
        listed = self.aws("cloudwatch", "describe-alarms")
        alarms = {x["AlarmName"]: x for x in listed["MetricAlarms"]}
        self.assertEqual(len(alarms), len(self.of_type("AWS::CloudWatch::Alarm")))
        topic = "arn:aws:sns:us-east-1:123456789012:mcp-alerts-staging"
        for name, alarm in alarms.items():
            self.assertRegex(name, r"^MCP-[A-Za-z0-9]+-staging(/mcp-metrics)?$")
            self.assertEqual((alarm["AlarmActions"], alarm["OKActions"]), ([topic], [topic]))
        error_rate = alarms["MCP-HighToolErrorRate-staging"]
        self.assertEqual([x.get("Expression") for x in error_rate["Metrics"]], [None, None, "IF(calls>=20,100*errors/calls,0)"])
        self.assertEqual(alarms["MCP-ServerDown-staging"]["Dimensions"], [{"Name": "Environment", "Value": "staging"}])
        self.assertEqual(alarms["MCP-ServerDown-staging"]["TreatMissingData"], "breaching")

    def test_the_page_has_its_rule_and_topic(self):
        self.assertEqual(list(aws_stack.COMPOSITES), ["MCP-Page-staging"])
        page = aws_stack.COMPOSITES["MCP-Page-staging"]
        self.assertEqual(page["AlarmRule"], '(ALARM("MCP-HighToolErrorRate-staging") AND ALARM("MCP-HighP99Latency-staging")) OR '
                         'ALARM("MCP-ServerDown-staging") OR ALARM("MCP-MostCallsFail-staging")')
        self.assertEqual(page["AlarmActions"], ["arn:aws:sns:us-east-1:123456789012:mcp-page-staging"])

    def test_topics_have_subscriptions_and_a_policy(self):
        topics = sorted(x["TopicArn"].rsplit(":", 1)[1] for x in self.aws("sns", "list-topics")["Topics"])
        self.assertEqual(topics, ["mcp-alerts-staging", "mcp-page-staging"])
        for topic, endpoint in (("mcp-alerts", "ops@example.com"), ("mcp-page", "+4930123456")):
            arn = f"arn:aws:sns:us-east-1:123456789012:{topic}-staging"
            found = self.aws("sns", "list-subscriptions-by-topic", "--topic-arn", arn)["Subscriptions"]
            self.assertEqual([x["Endpoint"] for x in found], [endpoint])
            policy = json.loads(self.aws("sns", "get-topic-attributes", "--topic-arn", arn)["Attributes"]["Policy"])
            self.assertEqual(policy["Statement"][0]["Condition"]["StringEquals"], {"aws:SourceAccount": "123456789012"})

    def test_the_dashboard_shows_this_environment_in_this_region(self):
        names = [x["DashboardName"] for x in self.aws("cloudwatch", "list-dashboards")["DashboardEntries"]]
        self.assertEqual(names, ["mcp-us-east-1-staging"])
        text = self.aws("cloudwatch", "get-dashboard", "--dashboard-name", names[0])["DashboardBody"]
        self.assertNotIn("${", text)
        widgets = json.loads(text)["widgets"]
        alarms = next(x for x in widgets if x["type"] == "alarm")["properties"]["alarms"]
        self.assertTrue(all(re.match(r"arn:aws:cloudwatch:us-east-1:123456789012:alarm:MCP-", x) for x in alarms), alarms)
        rows = [(x["x"], x["y"], x["width"], x["height"]) for x in widgets]
        cells = [(column, row) for x, y, width, height in rows for column in range(x, x + width) for row in range(y, y + height)]
        self.assertEqual(len(cells), len(set(cells)), "widgets overlap")

    def test_log_groups_keep_lines_for_30_days(self):
        groups = {x["logGroupName"]: x["retentionInDays"] for x in self.aws("logs", "describe-log-groups")["logGroups"]}
        self.assertEqual(groups, {"/mcp/staging": 30, "mcp-metrics": 30})

    def test_queries_are_saved_over_the_log_group_of_the_taps(self):
        saved = {name: x for name, x in aws_stack.QUERIES.items() if name.startswith("mcp-staging/")}
        self.assertEqual(len(saved), len(self.of_type("AWS::Logs::QueryDefinition")))
        self.assertEqual(saved["mcp-staging/slowest tools"]["logGroupNames"], ["/mcp/staging"])
        self.assertIn("as p99", saved["mcp-staging/slowest tools"]["queryString"])

    # Policies.

    def policy(self, name):
        arn = self.aws("cloudformation", "describe-stack-resource", "--stack-name", "mcp", "--logical-resource-id",
                       name)["StackResourceDetail"]["PhysicalResourceId"]
        version = self.aws("iam", "get-policy", "--policy-arn", arn)["Policy"]["DefaultVersionId"]
        document = self.aws("iam", "get-policy-version", "--policy-arn", arn, "--version-id", version)["PolicyVersion"]["Document"]
        self.assertLessEqual(len(json.dumps(document, separators=(",", ":"))), 6144)
        return document

    def check_policy(self, name, calls):
        """Every call is allowed, and without any one action some call is not."""
        document = self.policy(name)
        self.assertEqual(denied(document, calls), [])
        actions = {action for statement in document["Statement"] for action in statement["Action"]}
        for action in sorted(actions):
            with self.subTest(f"without {action}"):
                self.assertTrue(denied(without(document, action), calls), "nothing needs it")
        return document

    def test_the_tap_can_write_its_lines_and_nothing_else(self):
        stream = "arn:aws:logs:us-east-1:123456789012:log-group:/mcp/staging:log-stream:tap/search/0f1e"
        document = self.check_policy("ExecutionPolicy", [("logs:CreateLogStream", stream), ("logs:PutLogEvents", stream)])
        other = stream.replace("/mcp/staging", "/aws/lambda/other")
        self.assertEqual(len(denied(document, [("logs:PutLogEvents", other), ("logs:DeleteLogGroup", stream)])), 2)

    def test_sidecars_can_send_spans_and_metric_lines(self):
        stream = "arn:aws:logs:us-east-1:123456789012:log-group:mcp-metrics:log-stream:task"
        self.check_policy("TaskPolicy", [("xray:PutTraceSegments", "*"), ("logs:CreateLogStream", stream), ("logs:PutLogEvents", stream)])

    def test_whoever_deploys_can_do_that_and_not_more(self):
        document = self.check_policy("DeployerPolicy", deployer_calls())
        beyond = [
            ("iam:CreatePolicyVersion", "arn:aws:iam::123456789012:policy/x"), ("iam:AttachRolePolicy", "*"), ("sns:Publish", "*"),
            ("cloudwatch:DeleteAlarms", alarm("Billing")), ("sns:DeleteTopic", topic("orders")),
            ("logs:DeleteLogGroup", group("/aws/lambda/other")), ("cloudformation:ExecuteChangeSet", stack("network")),
            ("cloudwatch:PutDashboard", "arn:aws:cloudwatch::123456789012:dashboard/other"),
        ]
        self.assertEqual(denied(document, beyond), beyond)

    def test_what_deploy_calls_is_allowed(self):
        """As it was seen on the wire."""
        calls = set(cloudformation_calls(self.requests))
        self.assertIn("CreateChangeSet", calls)
        actions = [(f"cloudformation:{call}", stack("mcp")) for call in sorted(calls)]
        self.assertEqual(denied(self.policy("DeployerPolicy"), actions), [])


def cloudformation_calls(recording):
    """Not those that aws_stack.py makes in the place of CloudFormation, which are of other services."""
    for line in recording.splitlines():
        entry = json.loads(line)
        body = entry.get("body") or ""
        if entry.get("body_encoded"):
            body = base64.b64decode(body).decode("utf-8", "replace")
        if "Version=2010-05-15" in body:
            yield from re.findall(r"(?:^|&)Action=([A-Za-z]+)", body)


def alarm(name):
    return f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{name}"


def topic(name):
    return f"arn:aws:sns:us-east-1:123456789012:{name}"


def group(name):
    return f"arn:aws:logs:us-east-1:123456789012:log-group:{name}:log-stream:"


def stack(name):
    return f"arn:aws:cloudformation:us-east-1:123456789012:stack/{name}/0f1e2d3c-0000-4000-8000-000000000000"


def deployer_calls():
    """What CloudFormation calls, as whoever deploys, to make, read, change and delete each resource; and deploy itself."""
    board = "arn:aws:cloudwatch::123456789012:dashboard/mcp-us-east-1-staging"
    alarms = [alarm("MCP-HighToolErrorRate-staging"), alarm("MCP-HighToolErrorRate-staging/search/query")]
    topics = [topic("mcp-alerts-staging"), topic("mcp-page-staging")]
    groups = [group("/mcp/staging"), group("mcp-metrics")]
    calls = [(f"cloudformation:{verb}", stack("mcp")) for verb in (
        "CreateChangeSet", "DescribeChangeSet", "ExecuteChangeSet", "DeleteChangeSet", "DescribeStacks", "DescribeStackEvents")]
    calls += [(f"cloudwatch:{verb}", name) for verb in ("PutMetricAlarm", "DeleteAlarms", "DescribeAlarms") for name in alarms]
    # CloudWatch asks for this on "*" (PutCompositeAlarm's documentation).
    calls += [("cloudwatch:PutCompositeAlarm", "*"), ("cloudwatch:DescribeAlarms", "*")]
    calls += [(f"cloudwatch:{verb}", board) for verb in ("PutDashboard", "GetDashboard", "DeleteDashboards")]
    calls += [(f"sns:{verb}", name) for verb in ("CreateTopic", "DeleteTopic", "GetTopicAttributes", "SetTopicAttributes",
                                                 "Subscribe", "ListSubscriptionsByTopic") for name in topics]
    # These know no resource.
    calls += [("sns:Unsubscribe", "*"), ("sns:GetSubscriptionAttributes", "*"), ("logs:DescribeLogGroups", "*")]
    calls += [(f"logs:{verb}", name) for verb in ("CreateLogGroup", "DeleteLogGroup", "PutRetentionPolicy") for name in groups]
    return calls + [(f"logs:{verb}", "*") for verb in ("PutQueryDefinition", "DescribeQueryDefinitions", "DeleteQueryDefinition")]


def denied(document, calls):
    """Those that no statement allows, by moto's evaluator."""
    statements = [IAMPolicyStatement(statement) for statement in document["Statement"] if statement["Action"]]

    def allowed(action, resource):
        return any(x.is_action_permitted(action, resource) == PermissionResult.PERMITTED for x in statements)

    return [call for call in calls if not allowed(*call)]


def without(document, action):
    smaller = copy.deepcopy(document)
    for statement in smaller["Statement"]:
        statement["Action"] = [x for x in statement["Action"] if x != action]
    return smaller


if __name__ == "__main__":
    unittest.main()
