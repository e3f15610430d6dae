"""Templates of generated configurations, extremes among them, against what AWS's models and validator say."""

import concurrent.futures
import copy
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import support

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATIENCE = 900


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=PATIENCE)


def by_model(paths):
    """What botocore's models of the API and the prose of its documentation say."""
    return run("/usr/bin/python3", ROOT / "scripts" / "validate_aws.py", "--cfn", *paths)


def by_validator(paths):
    """What AWS's own validator of templates says."""
    return run("node", ROOT / "tests" / "aws" / "validate.mjs", *paths)


class Templates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="sonde-templates-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.paths = support.write_templates(folder.name)

    def test_there_are_200_and_the_same_every_time(self):
        self.assertEqual(len(self.paths), 200)
        again = support.sonde(self.folder, support.configurations.configurations(40)[39], "template")
        self.assertEqual(again.stdout, self.paths[39].read_text())

    def test_they_keep_to_the_limits_of_cloudformation(self):
        sizes, resources = [], []
        for path in self.paths:
            text = path.read_text()
            template = json.loads(text)
            sizes.append(len(text.encode()))
            resources.append(len(template["Resources"]))
            self.assertLessEqual(len(template["Parameters"]), 200)
            self.assertTrue(all(re.fullmatch("[A-Za-z0-9]{1,255}", name) for name in template["Resources"]), path)
        self.assertLessEqual(max(sizes), 1024 * 1024)
        self.assertLessEqual(max(resources), 500)
        # The extremes are that.
        self.assertGreater(max(resources), 450)
        print(f"measured: templates of {min(sizes)} to {max(sizes)} bytes, {min(resources)} to {max(resources)} resources")

    def test_descriptions_and_names_are_close_to_the_limits_and_below(self):
        longest = {"AlarmDescription": 0, "AlarmName": 0}
        for path in self.paths:
            template = json.loads(path.read_text())
            known = {name: x["Default"] for name, x in template["Parameters"].items()} | {"AWS::Region": "ap-southeast-1"}
            for resource in template["Resources"].values():
                for key in longest:
                    text = resource["Properties"].get(key, "")
                    text = text if isinstance(text, str) else text["Fn::Sub"]
                    text = re.sub(r"\$\{([^}]+)\}", lambda m: known[m[1]], text)
                    longest[key] = max(longest[key], len(text))
        self.assertTrue(900 < longest["AlarmDescription"] <= 1024, longest)
        self.assertTrue(240 < longest["AlarmName"] <= 255, longest)

    def test_aws_models_take_them(self):
        done = by_model(self.paths)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_aws_validator_takes_them(self):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:  # It takes its time.
            halves = pool.map(by_validator, (self.paths[::2], self.paths[1::2]))
        for done in halves:
            self.assertEqual(done.stdout, "100 templates, 0 findings\n", done.stderr)

    def mutated(self, change):
        template = copy.deepcopy(json.loads(self.paths[0].read_text()))
        change(template["Resources"])
        path = self.folder / "mutant.json"
        path.write_text(json.dumps(template))
        return path

    def test_what_is_wrong_is_found_by_one_of_them(self):
        def alarm(**members):
            return lambda resources: resources["ServerDown"]["Properties"].update(members)

        mutants = {
            "statistic": alarm(Statistic="Median"),
            "period": alarm(Period=45),
            "window": alarm(Period=300, EvaluationPeriods=300),
            "missing data": alarm(TreatMissingData="zero"),
            "operator": alarm(ComparisonOperator=">"),
            "six actions": alarm(AlarmActions=["arn:aws:sns:us-east-1:123456789012:x"] * 6),
            "description": alarm(AlarmDescription="x" * 1025),
            "unknown property": alarm(Treshold=1),
            "no such resource": alarm(AlarmActions=[{"Ref": "Nothing"}]),
            "rule": lambda r: r["Page"]["Properties"].update(AlarmRule="ALARM(a) XOR ALARM(b)"),
            "dashboard": lambda r: r["Dashboard"]["Properties"].update(DashboardBody="{}"),
            "retention": lambda r: r["LogGroup"]["Properties"].update(RetentionInDays=31),
            "two returned": lambda r: r["HighP99Latency"]["Properties"]["Metrics"][0].update(ReturnData=True),
        }
        for name, change in mutants.items():
            with self.subTest(name):
                path = self.mutated(change)
                self.assertTrue(by_model([path]).returncode or by_validator([path]).returncode)


class Refusals(unittest.TestCase):
    """What AWS would refuse half way is refused before anything is written, with the reason."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sonde-refusals-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_each_names_the_key_and_what_to_do(self):
        arn = "arn:aws:sns:us-east-1:123456789012:other"
        many = [f"arn:aws:sns:us-east-1:123456789012:x{n}" for n in range(5)]
        for config, reason in {
            "aws: {alert_subscriptions: [webhook=https://x.example]}": "no protocol of SNS: http, https, email",
            "aws: {alert_subscriptions: [https=http://x.example]}": "needs a URL of the protocol",
            f"aws: {{alert_actions: {json.dumps(many)}}}": "aws.alert_actions",
            f"aws: {{alert_actions: [{arn}, nobody]}}": "is no ARN",
            "aws: {suffix: staging}": "must be a dash and 1 to 30 letters",
            "aws: {retention_days: 31}": "CloudWatch Logs keeps lines for 1, 3, 5",
            "aws: {log_group: 'a:b'}": "may hold letters, digits and . _ / # - only",
            "aws: {runbook_base: 'https://example.com'}": "must end in a slash",
            "environment: a b": "must be 1 to 64 letters",
            "environment: pre.prod": "which another environment can have too; set aws.suffix",
            "alarms: {servers: [\"a\\tb\"]}": "control characters",
            "alarms: {servers: ['a\"b']}": "must hold no quote",
            "alarms: {tools: [search]}": "must be written SERVER/TOOL",
            "alarms: {servers: [search]}": "add [ServerName, Environment] to emf.dimensions",
            "emf: {dimensions: [[ToolName]]}": "add [Environment] to emf.dimensions",
            "emf: {mode: off}": "the taps emit no metrics",
            "alarms: {error_rate_warn: 60}": "must rise: 60, 5, 50",
            "alarms: {page: always}": "write outage or plain-and",
            "alarms: {p95_mxa: 1s}": "alarms.p95_max",
            f"alarms: {{tools: {json.dumps(['s/t%d' % n for n in range(100)])}}}": "CloudFormation takes 500",
        }.items():
            with self.subTest(config[:60]):
                done = support.sonde(self.folder, config, "template")
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(reason, done.stderr)

    def test_a_template_too_large_for_a_call_says_where_it_has_to_lie(self):
        done = support.sonde(self.folder, support.configurations.most_tools(), "template")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stderr, r"^sonde: the template has \d+ bytes; above 51200 CloudFormation takes it from S3 only")
        small = support.sonde(self.folder, {}, "template")
        self.assertEqual(small.stderr, "")
        self.assertLessEqual(len(small.stdout.encode()), 51200)


if __name__ == "__main__":
    sys.exit(unittest.main())
