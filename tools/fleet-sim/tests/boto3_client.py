#!/usr/bin/env python3
"""Drain an instance of a simulated fleet with boto3, and try every operation on the way.

Starts the built `fleet-sim` on a free port of 127.0.0.1, talks to it with the real client,
reads what our own `steward drain` wrote, and prints one line. Run it with the Python of the venv that tools/demo/venv.sh makes:

    .venv/bin/python tools/fleet-sim/tests/boto3_client.py
"""

import argparse
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import boto3
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

REPO_ROOT = Path(__file__).resolve().parents[3]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", REPO_ROOT / "target"))

CLUSTER, GROUP, HOOK = "demo", "demo-asg", "ecs-steward"
INSTANCES, TASKS = 230, 110
# Virtual seconds from one look at an instance to the next.
TICK = 20


class Fleet:
    """The running simulation."""

    def __init__(self, binary: Path) -> None:
        size = ["--instances", str(INSTANCES), "--tasks", str(TASKS), "--seed", "7"]
        command = [str(binary), "--port", "0", *size]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        assert first.startswith("listening on http://127.0.0.1:"), first
        self.url = first.removeprefix("listening on ").strip()

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()

    def admin(self, method: str, path: str) -> dict | list:
        """Call the simulation's own API."""
        request = urllib.request.Request(f"{self.url}/_fleet/{path}", method=method)
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.load(reply)

    def advance(self, seconds: int) -> None:
        """Let virtual time pass."""
        self.admin("POST", f"advance?seconds={seconds}")

    def client(self, service: str, **more: object) -> BaseClient:
        """Make a client of a service, which tries each call once."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="eu-central-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"max_attempts": 0, "mode": "standard"}, **more),
        )


def refusal(call: Callable[[], object]) -> tuple[str, str, int]:
    """Make a call that is refused; code, message and HTTP status."""
    try:
        answer = call()
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return error.response["Error"]["Code"], error.response["Error"]["Message"], status
    raise AssertionError(f"not refused: {answer}")


def pages(client: BaseClient, operation: str, field: str, **arguments: object) -> list[list]:
    """Every page of an operation."""
    return [page[field] for page in client.get_paginator(operation).paginate(**arguments)]


def check_fleet(fleet: Fleet, ecs: BaseClient, scaling: BaseClient) -> str:
    """Page through the fleet; the instance to drain."""
    found = pages(ecs, "list_container_instances", "containerInstanceArns", cluster=CLUSTER)
    assert [len(page) for page in found] == [100, 100, 30], found
    assert pages(ecs, "list_clusters", "clusterArns") == [
        ["arn:aws:ecs:eu-central-1:111122223333:cluster/demo"]
    ]
    fleet.advance(5)
    described = pages(scaling, "describe_auto_scaling_instances", "AutoScalingInstances")
    assert [len(page) for page in described] == [50, 50, 50, 50, 30]
    fleet.advance(5)
    tagged = {"Filters": [{"Name": "tag:ecs-steward:cluster", "Values": ["demo"]}]}
    (group,) = scaling.describe_auto_scaling_groups(**tagged)["AutoScalingGroups"]
    assert len(group["Instances"]) == INSTANCES and group["AutoScalingGroupName"] == GROUP
    assert group["InstanceLifecyclePolicy"] == {
        "RetentionTriggers": {"TerminateHookAbandon": "terminate"}
    }
    assert {tag["Key"]: tag["Value"] for tag in group["Tags"]} == {"ecs-steward:cluster": "demo"}
    for name, value in (("tag-key", "other"), ("tag:ecs-steward:cluster", "other")):
        other = scaling.describe_auto_scaling_groups(Filters=[{"Name": name, "Values": [value]}])
        assert other["AutoScalingGroups"] == []
    named = {"AutoScalingGroupNames": [GROUP], "IncludeInstances": False}
    (bare,) = scaling.describe_auto_scaling_groups(**named)["AutoScalingGroups"]
    assert bare.get("Instances", []) == []
    (hook,) = scaling.describe_lifecycle_hooks(AutoScalingGroupName=GROUP)["LifecycleHooks"]
    assert (hook["HeartbeatTimeout"], hook["GlobalTimeout"]) == (600, 60000)
    assert hook["DefaultResult"] == "ABANDON" and "NotificationMetadata" not in hook
    return group["Instances"][0]["InstanceId"]


def check_audit(ecs: BaseClient, scaling: BaseClient) -> None:
    """See what the audit reads: clusters, services, every instance and task, protection."""
    answer = ecs.describe_clusters(clusters=[CLUSTER, "none"])
    (cluster,) = answer["clusters"]
    assert cluster["registeredContainerInstancesCount"] == INSTANCES, cluster
    assert (cluster["activeServicesCount"], cluster["pendingTasksCount"]) == (2, 0), cluster
    assert [failure["reason"] for failure in answer["failures"]] == ["MISSING"], answer
    listed = [arn for page in pages(ecs, "list_services", "serviceArns", cluster=CLUSTER) for arn in page]
    described = ecs.describe_services(cluster=CLUSTER, services=listed)["services"]
    web = next(one for one in described if one["serviceName"] == "web")
    assert (web["status"], web["desiredCount"]) == ("ACTIVE", web["runningCount"]), web
    assert web["deployments"][0]["rolloutState"] == "COMPLETED", web
    assert all("has reached a steady state" in event["message"] for event in web["events"]), web
    running = ecs.list_tasks(cluster=CLUSTER, maxResults=100)
    assert len(running["taskArns"]) == 100 and running["nextToken"], running
    assert ecs.list_tasks(cluster=CLUSTER, desiredStatus="PENDING")["taskArns"] == []
    (first, *_) = scaling.describe_auto_scaling_instances(MaxRecords=1)["AutoScalingInstances"]
    assert first["ProtectedFromScaleIn"] is False, first


def check_refusals(ecs: BaseClient, scaling: BaseClient, arns: list[str]) -> None:
    """See that limits and errors are as AWS writes them."""
    unknown = refusal(lambda: ecs.list_tasks(cluster="none"))
    assert (unknown[0], unknown[2]) == ("ClusterNotFoundException", 400)
    too_many = refusal(
        lambda: ecs.update_container_instances_state(
            cluster=CLUSTER, containerInstances=arns[:11], status="DRAINING"
        )
    )
    assert too_many[0] == "InvalidParameterException"
    target = {"name": "a=b", "value": "c", "targetId": arns[0]}
    odd = refusal(lambda: ecs.put_attributes(cluster=CLUSTER, attributes=[target]))
    assert odd[0] == "InvalidParameterException"
    missing = [arns[0], arns[0][:-1] + "f"]
    reply = ecs.describe_container_instances(cluster=CLUSTER, containerInstances=missing)
    assert reply["failures"] == [{"arn": missing[1], "reason": "MISSING"}]
    assert len(reply["containerInstances"]) == 1
    group = refusal(lambda: scaling.describe_lifecycle_hooks(AutoScalingGroupName="none"))
    assert group[0] == "ValidationError"


def tasks_on(ecs: BaseClient, arn: str) -> list[dict]:
    """Every task on a container instance, stopping and stopped ones as well."""
    found = []
    for desired in ("RUNNING", "STOPPED"):
        wanted = {"cluster": CLUSTER, "containerInstance": arn, "desiredStatus": desired}
        listed = pages(ecs, "list_tasks", "taskArns", **wanted)
        for page in filter(None, listed):
            reply = ecs.describe_tasks(cluster=CLUSTER, tasks=page)
            assert not reply["failures"]
            found += reply["tasks"]
    return found


def check_tasks(ecs: BaseClient, arn: str) -> None:
    """Look at tasks, services and definitions, and put an attribute."""
    listed = pages(ecs, "list_tasks", "taskArns", cluster=CLUSTER, containerInstance=arn)
    assert [len(page) for page in listed] == [100, TASKS + 2 - 100], "web, the agent, and a job"
    groups = {task["group"] for task in tasks_on(ecs, arn)}
    assert groups == {"service:web", "service:agent", "family:nightly"}, groups
    services = ecs.describe_services(cluster=CLUSTER, services=["web", "agent", "none"])
    strategies = {one["serviceName"]: one["schedulingStrategy"] for one in services["services"]}
    assert strategies == {"web": "REPLICA", "agent": "DAEMON"} and len(services["failures"]) == 1
    web = ecs.list_tasks(cluster=CLUSTER, containerInstance=arn, serviceName="web")["taskArns"]
    jobs = ecs.list_tasks(cluster=CLUSTER, containerInstance=arn, family="nightly")["taskArns"]
    protection = ecs.get_task_protection(cluster=CLUSTER, tasks=[web[0], jobs[0]])
    assert [one["protectionEnabled"] for one in protection["protectedTasks"]] == [False]
    assert [one["reason"] for one in protection["failures"]] == ["TASK_NOT_VALID"]
    definition = ecs.describe_task_definition(taskDefinition="web:1")["taskDefinition"]
    assert definition["containerDefinitions"][0]["stopTimeout"] == 30
    attribute = {"name": "ecs-steward.drain-started", "value": "2026-11-23T07:05:00Z"}
    target = {"targetType": "container-instance", "targetId": arn}
    ecs.put_attributes(cluster=CLUSTER, attributes=[attribute | target])
    one = {"cluster": CLUSTER, "containerInstances": [arn]}
    (seen,) = ecs.describe_container_instances(**one)["containerInstances"]
    assert attribute in seen["attributes"] and seen["runningTasksCount"] == TASKS + 2
    stopped = ecs.stop_task(cluster=CLUSTER, task=jobs[0], reason="moved")["task"]
    assert (stopped["desiredStatus"], stopped["lastStatus"]) == ("STOPPED", "RUNNING")


def drain(fleet: Fleet, ecs: BaseClient, scaling: BaseClient, instance: str, arn: str) -> int:
    """Terminate an instance, let go of it once it is empty; the virtual seconds that took."""

    def states() -> list[str]:
        reply = scaling.describe_auto_scaling_instances(InstanceIds=[instance])
        return [one["LifecycleState"] for one in reply["AutoScalingInstances"]]

    for protected in (True, False):
        scaling.set_instance_protection(
            AutoScalingGroupName=GROUP, InstanceIds=[instance], ProtectedFromScaleIn=protected
        )
        begun = fleet.admin("POST", f"terminate?instance={instance}")
        assert begun == {"terminating": not protected}
    fleet.advance(2)
    events = fleet.admin("GET", "events")
    (detail,) = [event["detail"] for event in events if event["source"] == "aws.autoscaling"]
    assert (detail["EC2InstanceId"], detail["Origin"]) == (instance, "AutoScalingGroup")
    assert states() == ["Terminating:Wait"]
    set_to = ecs.update_container_instances_state(
        cluster=CLUSTER, containerInstances=[arn], status="DRAINING"
    )
    assert set_to["containerInstances"][0]["status"] == "DRAINING" and set_to["failures"] == []
    action = {"AutoScalingGroupName": GROUP, "LifecycleHookName": HOOK, "InstanceId": instance}
    waited = 0
    while any(task["lastStatus"] != "STOPPED" for task in tasks_on(ecs, arn)):
        scaling.record_lifecycle_action_heartbeat(**action)
        fleet.advance(TICK)
        waited += TICK
        assert waited < 3600, "it never ends"
    token = {"LifecycleActionToken": detail["LifecycleActionToken"]}
    scaling.complete_lifecycle_action(**action, **token, LifecycleActionResult="CONTINUE")
    again = refusal(
        lambda: scaling.complete_lifecycle_action(**action, LifecycleActionResult="CONTINUE")
    )
    text = f"No active Lifecycle Action found with instance ID {instance}"
    assert again == ("ValidationError", text, 400), again
    fleet.advance(60)
    assert states() == []
    for found in (f"ec2InstanceId == {instance}", f"ec2InstanceId in [{instance}, i-0]"):
        listed = ecs.list_container_instances(cluster=CLUSTER, filter=found)
        assert listed["containerInstanceArns"] == []
    return waited


def check_ours(fleet: Fleet, ecs: BaseClient, scaling: BaseClient, steward: Path) -> None:
    """Let our own command drain an instance, and read with boto3 what it wrote."""
    (group,) = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[GROUP])["AutoScalingGroups"]
    in_service = [one for one in group["Instances"] if one["LifecycleState"] == "InService"]
    instance = in_service[-1]["InstanceId"]
    fleet.admin("POST", f"terminate?instance={instance}")
    command = [str(steward), "drain", "--endpoint-url", fleet.url, "--format", "json", instance]
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "eu-central-1"}
    ended = subprocess.run(command, env=keys, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    row = json.loads(ended.stdout)
    assert row["instanceId"] == instance and "set-draining" in row["done"], row
    (arn,) = ecs.list_container_instances(
        cluster=CLUSTER, filter=f"ec2InstanceId == {instance}", status="DRAINING"
    )["containerInstanceArns"]
    described = ecs.describe_container_instances(cluster=CLUSTER, containerInstances=[arn])
    (seen,) = described["containerInstances"]
    marks = {one["name"]: one.get("value", "") for one in seen["attributes"]}
    since, draining, stage = marks["ecs-steward.drain-started"].split(" ")
    assert since.endswith("Z") and draining.endswith("Z") and stage == "started", marks
    assert marks["ecs-steward.heartbeat"].endswith("Z"), "nobody knew since when the hook waits"


def check_protection(fleet: Fleet, ecs: BaseClient, scaling: BaseClient) -> None:
    """Run a tagged task, find its host by a note, protect it as instance-protection does, and take that back."""
    (group,) = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[GROUP])["AutoScalingGroups"]
    in_service = [one for one in group["Instances"] if one["LifecycleState"] == "InService"]
    assert not any(one["ProtectedFromScaleIn"] for one in in_service)
    instance = in_service[0]["InstanceId"]
    task = fleet.admin("POST", f"run?instance={instance}&family=import&tag=keep&value=yes")["taskArn"]
    assert ecs.list_tasks(cluster=CLUSTER, family="import")["taskArns"] == [task]
    (bare,) = ecs.describe_tasks(cluster=CLUSTER, tasks=[task])["tasks"]
    (tagged,) = ecs.describe_tasks(cluster=CLUSTER, tasks=[task], include=["TAGS"])["tasks"]
    assert "tags" not in bare and tagged["tags"] == [{"key": "keep", "value": "yes"}], tagged
    host = tagged["containerInstanceArn"]
    (seen,) = ecs.describe_container_instances(cluster=CLUSTER, containerInstances=[host])["containerInstances"]
    reply = ecs.describe_capacity_providers(capacityProviders=[seen["capacityProviderName"], "none"])
    assert [one["reason"] for one in reply["failures"]] == ["MISSING"], reply
    provider = reply["capacityProviders"][0]["autoScalingGroupProvider"]
    assert provider["managedTerminationProtection"] == "DISABLED"
    assert provider["autoScalingGroupArn"] == group["AutoScalingGroupARN"]
    note = {"name": "ecs-steward.protected-since", "targetType": "container-instance", "targetId": host}
    noted = {"cluster": CLUSTER, "filter": f"attribute:{note['name']} exists"}
    assert ecs.list_container_instances(**noted)["containerInstanceArns"] == []
    ecs.put_attributes(cluster=CLUSTER, attributes=[note | {"value": "2026-11-23T07:05:00Z"}])
    assert ecs.list_container_instances(**noted)["containerInstanceArns"] == [host]
    many = refusal(lambda: scaling.set_instance_protection(
        AutoScalingGroupName=GROUP, InstanceIds=[one["InstanceId"] for one in in_service[:51]],
        ProtectedFromScaleIn=True))
    assert many[0] == "ValidationError", many
    scaling.set_instance_protection(AutoScalingGroupName=GROUP, InstanceIds=[instance], ProtectedFromScaleIn=True)
    (described,) = scaling.describe_auto_scaling_instances(InstanceIds=[instance])["AutoScalingInstances"]
    assert described["ProtectedFromScaleIn"] is True
    taken = fleet.admin("POST", f"scale-in?group={GROUP}")["terminating"]
    assert taken is not None and taken != instance, taken
    scaling.set_instance_protection(AutoScalingGroupName=GROUP, InstanceIds=[instance], ProtectedFromScaleIn=False)
    ecs.delete_attributes(cluster=CLUSTER, attributes=[note])
    assert ecs.list_container_instances(**noted)["containerInstanceArns"] == []


def check_crash(fleet: Fleet, ecs: BaseClient) -> None:
    """Let a task crash; its event and the API say the same of it."""
    fleet.admin("GET", "events")
    arn = fleet.admin("POST", "crash?service=web&exit_code=137")["taskArn"]
    fleet.advance(5)
    details = [event["detail"] for event in fleet.admin("GET", "events")]
    told = [detail for detail in details if detail.get("taskArn") == arn]
    assert [detail["lastStatus"] for detail in told] == ["DEPROVISIONING", "STOPPED"], told
    (seen,) = ecs.describe_tasks(cluster=CLUSTER, tasks=[arn])["tasks"]
    for name in ("stopCode", "stoppedReason", "group", "startedBy", "version", "containers"):
        assert seen[name] == told[-1][name], name
    definition = ecs.describe_task_definition(taskDefinition=seen["taskDefinitionArn"])
    defined = definition["taskDefinition"]["containerDefinitions"]
    codes = {one["name"]: one["exitCode"] for one in seen["containers"]}
    assert [codes[one["name"]] for one in defined if one["essential"]] == [137], codes
    assert all(one["logConfiguration"]["logDriver"] == "awslogs" for one in defined)


def check_faults(fleet: Fleet) -> None:
    """See that the client sees each fault for what it is."""
    ecs = fleet.client("ecs", read_timeout=1)
    for fault, code in (("throttled", "ThrottlingException"), ("error-before", "ServerException")):
        fleet.admin("POST", f"fault?op=ListClusters&nth=1&fault={fault}")
        assert refusal(ecs.list_clusters)[0] == code
    broken = (("reset-before", ConnectionClosedError), ("timeout-after", ReadTimeoutError))
    for fault, error in broken:
        fleet.admin("POST", f"fault?op=ListClusters&nth=1&fault={fault}")
        try:
            ecs.list_clusters()
        except error:
            continue
        raise AssertionError(f"no {error}")
    assert len(ecs.list_clusters()["clusterArns"]) == 1


def main() -> None:
    """Run it all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--binary", type=Path, default=TARGET / "debug" / "fleet-sim")
    binary = parser.parse_args().binary
    steward = binary.with_name("steward")
    for needed in (binary, steward):
        if not needed.is_file():
            sys.exit(f"there is no {needed}: cargo build -p fleet-sim -p steward")
    began = time.monotonic()
    fleet = Fleet(binary)
    try:
        ecs, scaling = fleet.client("ecs"), fleet.client("autoscaling")
        instance = check_fleet(fleet, ecs, scaling)
        check_audit(ecs, scaling)
        found = {"filter": f"ec2InstanceId == {instance}", "status": "ACTIVE"}
        (arn,) = ecs.list_container_instances(cluster=CLUSTER, **found)["containerInstanceArns"]
        listed = ecs.list_container_instances(cluster=CLUSTER, maxResults=50)
        check_refusals(ecs, scaling, listed["containerInstanceArns"])
        check_tasks(ecs, arn)
        waited = drain(fleet, ecs, scaling, instance, arn)
        check_ours(fleet, ecs, scaling, steward)
        check_protection(fleet, ecs, scaling)
        check_crash(fleet, ecs)
        check_faults(fleet)
        state = fleet.admin("GET", "state")
    finally:
        fleet.stop()
    assert state["tasksKilled"] == 0 and state["hooksContinued"] == 1 and state["unfinished"] == 2
    calls = sum(state["calls"].values())
    print(
        f"fleet-sim: boto3 {boto3.__version__} drained 1 of {INSTANCES} instances in {waited} "
        f"virtual seconds, {len(state['calls'])} operations, {calls} calls, nothing killed, "
        f"{time.monotonic() - began:.1f} s"
    )


if __name__ == "__main__":
    main()
