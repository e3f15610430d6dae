"""sonde aws deploy with the real AWS CLI against moto's CloudFormation, and ECS's own model as judge of the task."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import botocore.session
import botocore.validate

SONDE = os.environ["SONDE_BIN"]
BIN = pathlib.Path(sys.executable).parent
PATIENCE = 60.0
# Of what moto makes from templates; alarms are not of it.
SMALL = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Parameters": {"Suffix": {"Type": "String", "Default": ""}},
    "Resources": {
        "Alerts": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::Sub": "mcp-alerts${Suffix}"}}},
        "Board": {"Type": "AWS::CloudWatch::Dashboard", "Properties": {
            "DashboardName": {"Fn::Sub": "mcp${Suffix}"}, "DashboardBody": '{"widgets":[]}'}},
    },
}


class Moto:
    """AWS's API on a port of this machine."""

    def __init__(self):
        self.process = subprocess.Popen([str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", "0"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.endpoint = None
        while self.endpoint is None:
            line = self.process.stderr.readline()
            if not line:
                raise AssertionError("moto_server ended")
            if found := re.search(r"Running on (http://127\.0\.0\.1:\d+)", line):
                self.endpoint = found[1]
        self.reader = threading.Thread(target=self.process.stderr.read, daemon=True)
        self.reader.start()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        self.process.stderr.close()


class Deploy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.moto = Moto()
        cls.addClassCleanup(cls.moto.stop)

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sonde-deploy-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.environment = {"HOME": folder.name, "PATH": f"{BIN}:/usr/bin:/bin", "AWS_ENDPOINT_URL": self.moto.endpoint,
                            "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1",
                            "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "TMPDIR": folder.name}
        self.template = self.folder / "template.json"
        self.write(SMALL)
        self.stack = f"stack-{time.monotonic_ns()}"
        self.suffix = f"-{time.monotonic_ns() % 10**9}"

    def write(self, template):
        self.template.write_text(json.dumps(template))

    def deploy(self, *flags, env=None):
        command = [SONDE, "aws", "deploy", "--stack", self.stack, "--template", str(self.template), *flags]
        merged = {name: x for name, x in {**self.environment, **(env or {})}.items() if x is not None}
        return subprocess.run(command, env=merged, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=PATIENCE * 5)

    def aws(self, *words):
        done = subprocess.run([str(BIN / "aws"), *words, "--output", "json"], env=self.environment, timeout=PATIENCE,
                              capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    def topics(self):
        return [x["TopicArn"] for x in self.aws("sns", "list-topics")["Topics"] if x["TopicArn"].endswith(self.suffix)]

    def board(self):
        return json.loads(self.aws("cloudwatch", "get-dashboard", "--dashboard-name", f"mcp{self.suffix}")["DashboardBody"])

    def test_a_stack_is_made_changed_and_left_alone(self):
        made = self.deploy("--yes", "--parameter", f"Suffix={self.suffix}")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("account 123456789012", made.stdout)
        self.assertIn("Add Board (AWS::CloudWatch::Dashboard)", made.stdout)
        self.assertIn("CREATE_COMPLETE", made.stdout)
        self.assertEqual(self.topics(), [f"arn:aws:sns:us-east-1:123456789012:mcp-alerts{self.suffix}"])
        self.assertEqual(self.board(), {"widgets": []})

        changed = json.loads(json.dumps(SMALL))
        changed["Resources"]["Board"]["Properties"]["DashboardBody"] = '{"widgets":[],"start":"-PT3H"}'
        self.write(changed)
        done = self.deploy("--yes")  # The suffix stays what it was.
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Modify Board", done.stdout)
        self.assertEqual(self.board(), {"widgets": [], "start": "-PT3H"})

        again = self.deploy("--yes")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn("nothing to change", again.stdout)

    def test_without_an_answer_nothing_is_deployed(self):
        done = self.deploy("--parameter", f"Suffix={self.suffix}")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--yes", done.stderr)
        self.assertEqual(self.topics(), [])

    def test_without_credentials_it_says_so(self):
        done = self.deploy("--yes", env={"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None})
        self.assertEqual(done.returncode, 1)
        self.assertIn("no credentials", done.stderr)

    def test_without_a_region_it_says_so(self):
        done = self.deploy("--yes", env={"AWS_REGION": None, "AWS_DEFAULT_REGION": None})
        self.assertEqual(done.returncode, 1)
        self.assertIn("no region is set", done.stderr)

    def test_what_cloudformation_cannot_read_is_told(self):
        self.write({"Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "Nothing"}}}}})
        done = self.deploy("--yes")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^sonde: aws deploy: ")


class Models(unittest.TestCase):
    """What AWS's own description of its API says of our documents."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sonde-models-")
        self.addCleanup(folder.cleanup)
        self.environment = {"HOME": folder.name, "PATH": "/usr/bin:/bin"}

    def task(self, *flags):
        done = subprocess.run([SONDE, "aws", "adot", "task", "--image", "sonde:0.1.0", "--server-image", "search:1.4",
                               "--server-name", "search", *flags], env=self.environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def faults(self, task):
        client = botocore.session.get_session().create_client("ecs", region_name="us-east-1")
        shape = client.meta.service_model.operation_model("RegisterTaskDefinition").input_shape
        found = botocore.validate.ParamValidator().validate(task, shape)
        faults = [found.generate_report()] if found.has_errors() else []
        return faults + list(strict(shape, task, "task"))

    def test_ecs_takes_the_task_definition(self):
        for flags in ([], ["--with-agent", "--arm64", "--cpu", "1024", "--memory", "2048"],
                      ["--execution-role", "arn:aws:iam::1:role/e", "--task-role", "arn:aws:iam::1:role/t",
                       "--hash-key-secret", "arn:aws:secretsmanager:us-east-1:1:secret:k"]):
            with self.subTest(flags):
                self.assertEqual(self.faults(self.task(*flags)), [])

    def test_the_judge_finds_what_is_wrong(self):
        for change in ({"networkMode": "vpc"}, {"cpus": "1"}, {"volumes": {}}):
            self.assertTrue(self.faults({**self.task(), **change}))


def strict(shape, value, where):
    """Enumerations, which botocore's validator leaves to the service."""
    if shape.type_name == "structure":
        for name, member in value.items() if isinstance(value, dict) else ():
            if name in shape.members:
                yield from strict(shape.members[name], member, f"{where}.{name}")
    elif shape.type_name == "list" and isinstance(value, list):
        for number, item in enumerate(value):
            yield from strict(shape.member, item, f"{where}[{number}]")
    elif (known := getattr(shape, "enum", None)) and value not in known:
        yield f"{where}: {value!r} is none of {known}"


if __name__ == "__main__":
    unittest.main()
