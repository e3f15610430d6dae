"""AWS's API in this process (moto), with what its CloudFormation does not make of a template.

moto creates topics, log groups, dashboards and policies of a stack, and passes over the rest with
a warning.  CloudFormation itself calls the service's API with the properties of a resource; so do
these, through botocore, which checks them.
"""

import json
import logging
import os
import pathlib
import tempfile

RECORDING = pathlib.Path(tempfile.gettempdir()) / f"moto-recording-{os.getpid()}"
os.environ["MOTO_RECORDER_FILEPATH"] = str(RECORDING)  # Read when moto is imported.

import boto3  # noqa: E402
import botocore.session  # noqa: E402
import botocore.validate  # noqa: E402
from moto.core.common_models import CloudFormationModel  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402

ACCOUNT = "123456789012"
REGION = "us-east-1"
KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
# What moto does not keep; checked by the model of the API.
QUERIES = {}
COMPOSITES = {}
_endpoint = None


def client(service):
    return boto3.client(service, region_name=REGION, endpoint_url=_endpoint, **KEYS)


def put_alarm(properties):
    client("cloudwatch").put_metric_alarm(**properties)
    return properties["AlarmName"], f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{properties['AlarmName']}"


def checked(service, operation, request):
    shape = botocore.session.get_session().get_service_model(service).operation_model(operation).input_shape
    report = botocore.validate.ParamValidator().validate(request, shape)
    if report.has_errors():
        raise ValueError(report.generate_report())
    return request


def put_composite(properties):
    COMPOSITES[properties["AlarmName"]] = checked("cloudwatch", "PutCompositeAlarm", properties)
    return properties["AlarmName"], f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{properties['AlarmName']}"


def subscribe(properties):
    attributes = {"SubscriptionRoleArn": properties["SubscriptionRoleArn"]} if "SubscriptionRoleArn" in properties else {}
    answer = client("sns").subscribe(TopicArn=properties["TopicArn"], Protocol=properties["Protocol"],
                                     Endpoint=properties["Endpoint"], Attributes=attributes)
    return answer["SubscriptionArn"], answer["SubscriptionArn"]


def set_policy(properties):
    for topic in properties["Topics"]:
        client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy",
                                           AttributeValue=json.dumps(properties["PolicyDocument"]))
    return "policy", "policy"


def put_query(properties):
    request = {"name": properties["Name"], "queryString": properties["QueryString"], "logGroupNames": properties["LogGroupNames"]}
    QUERIES[request["name"]] = checked("logs", "PutQueryDefinition", request)
    return request["name"], request["name"]


def model(kind, put):
    """A class that moto finds by its base, and makes a resource of that type with."""

    class Made(CloudFormationModel):
        __module__ = "tests.aws_stack"  # moto takes the second part as the name of a service.

        def __init__(self, properties):
            self.properties = properties
            self.physical_resource_id, self.arn = put(properties)

        @staticmethod
        def cloudformation_name_type():
            return ""

        @staticmethod
        def cloudformation_type():
            return kind

        @classmethod
        def has_cfn_attr(cls, attr):
            return attr == "Arn"

        def get_cfn_attribute(self, name):
            return self.arn

        @classmethod
        def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
            return cls(cloudformation_json["Properties"])

    return Made


MADE = [model(*pair) for pair in {
    "AWS::CloudWatch::Alarm": put_alarm, "AWS::CloudWatch::CompositeAlarm": put_composite, "AWS::SNS::Subscription": subscribe,
    "AWS::SNS::TopicPolicy": set_policy, "AWS::Logs::QueryDefinition": put_query}.items()]


class Aws:
    """Listens on a free port until stop()."""

    def __init__(self):
        global _endpoint
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.server.start()
        host, port = self.server.get_host_and_port()
        self.endpoint = _endpoint = f"http://{host}:{port}"

    def environment(self, home):
        return {"HOME": str(home), "AWS_ENDPOINT_URL": self.endpoint, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true", "TMPDIR": str(home)}

    def stop(self):
        self.server.stop()
        RECORDING.unlink(missing_ok=True)
