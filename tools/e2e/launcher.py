"""Start MiniStack so that events of AWS's own services can be put on its bus.

PutEvents refuses sources that begin with `aws.`, as AWS does. MiniStack's own emitters pass
`allow_aws_source`; here that becomes the default, so that the simulated fleet can speak for
ECS and Auto Scaling. The function is private, hence the exact version.
"""

import os
import sys
from importlib.metadata import version
from typing import Any

VERSION = "1.5.33"
# Where a function of ours looks for each service that it calls.
ENDPOINTS = [f"AWS_ENDPOINT_URL_{service}" for service in (
    "AUTO_SCALING", "CLOUDWATCH", "CLOUDWATCH_LOGS", "DYNAMODB", "EC2", "ECS", "EVENTBRIDGE", "SNS", "SSM")]


def allow_sources_of_aws() -> None:
    """Let PutEvents take what comes from `aws.*`."""
    found = version("ministack")
    if found != VERSION:
        sys.exit(f"launcher.py knows MiniStack {VERSION}, and this is {found}: look at its _put_events")
    from ministack.services import eventbridge

    function = eventbridge._put_events
    if function.__code__.co_varnames[:2] != ("data", "allow_aws_source"):
        sys.exit(f"MiniStack {found} has another _put_events than launcher.py knows")
    function.__defaults__ = (True,)


def attach_volumes_to_the_fleet() -> None:
    """Let AttachVolume take instances that MiniStack does not know, for they are the simulated fleet's.

    It looks an instance up only to see that it is there.
    """
    from ministack.services import ec2

    attach = ec2._attach_volume

    def attach_anywhere(asked: dict[str, Any]) -> Any:
        instance = ec2._p(asked, "InstanceId")
        if ec2._instances.get(instance):
            return attach(asked)
        ec2._instances[instance] = {"InstanceId": instance}
        try:
            return attach(asked)
        finally:
            del ec2._instances[instance]

    (table,) = [value for value in vars(ec2).values() if isinstance(value, dict) and value.get("AttachVolume") is attach]
    table["AttachVolume"] = attach_anywhere


def keep_functions_here() -> None:
    """Let a function that nobody has told where AWS is find MiniStack, and not AWS.

    The tick can come before the functions are told; they get the environment of this process.
    """
    here = f"http://{os.environ['BIND_HOST']}:{os.environ['GATEWAY_PORT']}"
    os.environ.update(dict.fromkeys(ENDPOINTS, here))


if __name__ == "__main__":
    keep_functions_here()
    allow_sources_of_aws()
    attach_volumes_to_the_fleet()
    from ministack.app import main

    main()
