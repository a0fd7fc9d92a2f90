"""Deploy infra/template.yaml into MiniStack, see that `steward doctor` finds it well, and break one thing at a time.

Every case breaks the account by boto3, runs the built `steward doctor`, and looks for exactly the findings that this adds;
then it repairs what it broke. What MiniStack does not have, container instances and denied calls, is in doctor.rs.

    PYTHONPATH=tools/demo:tools/e2e .venv/bin/python tools/steward/tests/doctor_in_emulator.py
"""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile
from typing import Any

import boto3

import deployment
from emulator import REGION, run_check, start_emulator
from report import DemoFailed

ROOT = Path(__file__).resolve().parents[3]
STACK = deployment.STACK
CLUSTER, GROUP, HOOK = "harbor", "blue", "ecs-steward"
LIMIT = 120  # seconds for one run, which takes about one

Finding = tuple[str, str]
Break = Callable[["Account"], Callable[[], Any]]


class Account:
    """The account in MiniStack, and the doctor before its door."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        self.folder = folder
        self.endpoint = endpoint
        self.resources: dict[str, tuple[str, str]] = {}

    def client(self, service: str) -> Any:
        """A client of a service."""
        return boto3.client(service, endpoint_url=self.endpoint)

    def name(self, logical_id: str) -> str:
        """What CloudFormation made of a resource of the template."""
        return self.resources[logical_id][0]

    def doctor(self, *words: str, stack: str = STACK) -> tuple[int, list[dict[str, Any]], str]:
        """Exit code, findings and standard error of a run."""
        command = [str(deployment.binary("steward")), "doctor", "--endpoint-url", self.endpoint, "--format", "json"]
        run = subprocess.run([*command, "--stack", stack, *words], capture_output=True, text=True, timeout=LIMIT,
                             cwd=ROOT, check=False)
        try:
            return run.returncode, [json.loads(line) for line in run.stdout.splitlines()], run.stderr
        except ValueError as error:
            raise DemoFailed(f"steward doctor wrote no JSON: {error}: {run.stdout} {run.stderr}") from error

    def findings(self) -> set[Finding]:
        """The findings under the policy that is packaged."""
        code, rows, errors = self.doctor("--policy", "infra/policy.toml")
        expect(f"exit code with {len(rows)} findings; {errors}", code, 1 if rows else 0)
        fields = ["check", "finding", "severity", "resource", "what", "why", "fix", "permission"]
        for row in rows:
            expect("fields of a finding", list(row), fields)
        return {(row["finding"], row["resource"]) for row in rows}


def expect(what: str, found: Any, wanted: Any) -> None:
    """Hold two values against each other."""
    if found != wanted:
        raise DemoFailed(f"{what}: {found!r} and not {wanted!r}")


def stage(folder: Path) -> None:
    """Lay out what a deployment needs. The functions are not asked to do anything here."""
    for name in deployment.FUNCTIONS:
        package = folder / "target" / "lambda" / "deploy" / name
        package.mkdir(parents=True)
        (package / "bootstrap").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        (package / "bootstrap").chmod(0o755)
        copyfile(ROOT / "infra" / "policy.toml", package / "policy.toml")
    for file in (Path("infra", "template.yaml"), deployment.SCRIPT):
        (folder / file).parent.mkdir(parents=True)
        copyfile(ROOT / file, folder / file)
    (folder / ".venv").symlink_to(ROOT / ".venv")


def build(folder: Path) -> Account:
    """Deploy the stack, and beside it a cluster whose group has our hook, and somebody who listens."""
    account = Account(folder, start_emulator(folder))
    stage(folder)
    architecture = deployment.architecture()
    deployment.stack(folder, account.endpoint, REGION, "deploy", "--arch", architecture)
    account.resources = deployment.resources(account.client("cloudformation"))
    mend(account)
    listen(account)
    groups = account.client("autoscaling")
    groups.create_auto_scaling_group(
        AutoScalingGroupName=GROUP, MinSize=0, MaxSize=0, AvailabilityZones=[f"{REGION}a"],
        LaunchTemplate={"LaunchTemplateName": "web"})
    put_hook(account)
    arn = groups.describe_auto_scaling_groups(AutoScalingGroupNames=[GROUP])["AutoScalingGroups"][0][
        "AutoScalingGroupARN"]
    ecs = account.client("ecs")
    ecs.create_capacity_provider(name="blue-provider", autoScalingGroupProvider={
        "autoScalingGroupArn": arn, "managedDraining": "DISABLED", "managedTerminationProtection": "DISABLED"})
    ecs.create_cluster(clusterName=CLUSTER, capacityProviders=["blue-provider"])
    return account


def listen(account: Account) -> None:
    """Subscribe a queue to the topic."""
    queue = account.client("sqs").create_queue(QueueName="listener")["QueueUrl"]
    attributes = account.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    account.client("sns").subscribe(
        TopicArn=account.name("AlertTopic"), Protocol="sqs", Endpoint=attributes["QueueArn"])


def mend(account: Account) -> None:
    """Make up for what MiniStack's CloudFormation leaves out, and its IAM does not read."""
    functions = account.client("lambda")
    for function in deployment.FUNCTIONS:
        deployment.mend_numbers(functions, f"{STACK}-{function}")
    for name in ("instance-drain", "instance-protection", "cluster-audit"):
        functions.put_function_concurrency(FunctionName=f"{STACK}-{name}", ReservedConcurrentExecutions=1)
    account.client("dynamodb").update_time_to_live(
        TableName=account.name("AlertTable"), TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})
    # Its simulation does not read ContextEntries; that they are sent, doctor.rs shows.
    iam = account.client("iam")
    for function in ("instance-drain", "instance-protection", "volume-monitor", "cluster-audit"):
        policy = {"RoleName": account.name(f"{deployment.FUNCTIONS[function]}Role"), "PolicyName": function}
        document = iam.get_role_policy(**policy)["PolicyDocument"]
        for statement in document["Statement"]:
            if "ecs:cluster" in json.dumps(statement.get("Condition", {})):
                del statement["Condition"]
        iam.put_role_policy(**policy, PolicyDocument=json.dumps(document))


def put_hook(account: Account, heartbeat: int = 3600, result: str = "ABANDON", cluster: str = CLUSTER) -> None:
    """Set our hook of the group."""
    account.client("autoscaling").put_lifecycle_hook(
        AutoScalingGroupName=GROUP, LifecycleHookName=HOOK, HeartbeatTimeout=heartbeat, DefaultResult=result,
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
        NotificationMetadata=json.dumps({"cluster": cluster}))


def short_hook(account: Account) -> Callable[[], Any]:
    """A hook of 30 s, which holds for 50 minutes."""
    put_hook(account, heartbeat=30)
    return lambda: put_hook(account)


def lost_hook(account: Account) -> Callable[[], Any]:
    """A hook whose metadata names a cluster that nobody has."""
    put_hook(account, cluster="harbour")
    return lambda: put_hook(account)


def no_hook(account: Account) -> Callable[[], Any]:
    """A group of a cluster without a hook."""
    account.client("autoscaling").delete_lifecycle_hook(AutoScalingGroupName=GROUP, LifecycleHookName=HOOK)
    return lambda: put_hook(account)


def drained_twice(account: Account) -> Callable[[], Any]:
    """Managed draining beside our hook."""
    def switch(word: str) -> None:
        account.client("ecs").update_capacity_provider(
            name="blue-provider", autoScalingGroupProvider={"managedDraining": word})

    switch("ENABLED")
    return lambda: switch("DISABLED")


def no_redrive(account: Account) -> Callable[[], Any]:
    """A queue without a redrive policy."""
    sqs, url = account.client("sqs"), account.name("TaskMonitorQueue")
    now = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": ""})
    return lambda: sqs.set_queue_attributes(QueueUrl=url, Attributes=now)


def hasty_queue(account: Account) -> Callable[[], Any]:
    """A visibility timeout below the function's timeout."""
    sqs, url = account.client("sqs"), account.name("InstanceDrainQueue")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "30"})
    return lambda: sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "90"})


def dead_letter(account: Account) -> Callable[[], Any]:
    """A record that was given up."""
    sqs, url = account.client("sqs"), account.name("TaskMonitorDeadLetterQueue")
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    return lambda: sqs.purge_queue(QueueUrl=url)


def no_dead_letter_queue(account: Account) -> Callable[[], Any]:
    """A dead-letter queue that somebody deleted."""
    sqs, url = account.client("sqs"), account.name("InstanceDrainDeadLetterQueue")
    sqs.delete_queue(QueueUrl=url)
    return lambda: sqs.create_queue(QueueName=f"{STACK}-instance-drain-dead")


def no_topic(account: Account) -> Callable[[], Any]:
    """A topic that somebody deleted."""
    sns, topic = account.client("sns"), account.name("AlertTopic")
    sns.delete_topic(TopicArn=topic)

    def repair() -> None:
        sns.create_topic(Name=f"{STACK}-alerts")
        listen(account)

    return repair


def disabled_rule(account: Account) -> Callable[[], Any]:
    """A rule that sends nothing."""
    events, name = account.client("events"), f"{STACK}-task-stopped"
    events.disable_rule(Name=name)
    return lambda: events.enable_rule(Name=name)


def bare_target(account: Account) -> Callable[[], Any]:
    """A target without a dead-letter queue."""
    events, name = account.client("events"), f"{STACK}-drain-spot"
    before = events.list_targets_by_rule(Rule=name)["Targets"]
    events.put_targets(Rule=name, Targets=[{"Id": each["Id"], "Arn": each["Arn"]} for each in before])
    return lambda: events.put_targets(Rule=name, Targets=before)


def no_tick(account: Account) -> Callable[[], Any]:
    """A tick that reaches one function only."""
    events, name = account.client("events"), f"{STACK}-tick"
    before = events.list_targets_by_rule(Rule=name)["Targets"]
    events.remove_targets(Rule=name, Ids=["instance-drain"])
    return lambda: events.put_targets(Rule=name, Targets=before)


def no_look_at_volumes(account: Account) -> Callable[[], Any]:
    """Nothing has volume-monitor look."""
    events, name = account.client("events"), f"{STACK}-volume-tick"
    before = events.list_targets_by_rule(Rule=name)["Targets"]
    events.remove_targets(Rule=name, Ids=["volume-monitor"])
    return lambda: events.put_targets(Rule=name, Targets=before)


def disabled_mapping(account: Account) -> Callable[[], Any]:
    """A function that does not read its queue."""
    client = account.client("lambda")
    (mapping,) = client.list_event_source_mappings(FunctionName=f"{STACK}-task-monitor")["EventSourceMappings"]
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    return lambda: client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def unreported(account: Account) -> Callable[[], Any]:
    """A mapping that takes every answer for a success."""
    client = account.client("lambda")
    (mapping,) = client.list_event_source_mappings(FunctionName=f"{STACK}-task-monitor")["EventSourceMappings"]
    client.update_event_source_mapping(UUID=mapping["UUID"], FunctionResponseTypes=[])
    return lambda: client.update_event_source_mapping(
        UUID=mapping["UUID"], FunctionResponseTypes=["ReportBatchItemFailures"])


def variable(function: str, **variables: str) -> Break:
    """A function with another variable."""
    def break_it(account: Account) -> Callable[[], Any]:
        client, name = account.client("lambda"), f"{STACK}-{function}"
        before = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        client.update_function_configuration(FunctionName=name, Environment={"Variables": before | variables})
        return lambda: client.update_function_configuration(FunctionName=name, Environment={"Variables": before})

    return break_it


def concurrent(account: Account) -> Callable[[], Any]:
    """Two drains at the same time."""
    client, name = account.client("lambda"), f"{STACK}-instance-drain"
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=2)
    return lambda: client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)


def endless_table(account: Account) -> Callable[[], Any]:
    """A table from which nothing is deleted."""
    client, name = account.client("dynamodb"), account.name("AlertTable")
    how = {"Enabled": False, "AttributeName": "expires"}
    client.update_time_to_live(TableName=name, TimeToLiveSpecification=how)
    return lambda: client.update_time_to_live(TableName=name, TimeToLiveSpecification=how | {"Enabled": True})


def filtered(account: Account) -> Callable[[], Any]:
    """A topic whose only subscriber filters."""
    sns = account.client("sns")
    (one,) = sns.list_subscriptions_by_topic(TopicArn=account.name("AlertTopic"))["Subscriptions"]
    attribute = {"SubscriptionArn": one["SubscriptionArn"], "AttributeName": "FilterPolicy"}
    sns.set_subscription_attributes(**attribute, AttributeValue='{"severity": ["high"]}')
    return lambda: sns.set_subscription_attributes(**attribute, AttributeValue="{}")


def poor_role(account: Account) -> Callable[[], Any]:
    """A role that may not write to the alert table."""
    iam, role = account.client("iam"), account.name("TaskMonitorRole")
    policy = {"RoleName": role, "PolicyName": "task-monitor"}
    before = iam.get_role_policy(**policy)["PolicyDocument"]
    kept = [each for each in before["Statement"] if each.get("Sid") != "RememberIncidents"]
    expect("statements that were taken away", len(before["Statement"]) - len(kept), 1)
    iam.put_role_policy(**policy, PolicyDocument=json.dumps(before | {"Statement": kept}))
    return lambda: iam.put_role_policy(**policy, PolicyDocument=json.dumps(before))


def cases(account: Account) -> Iterator[tuple[Break, set[Finding]]]:
    """Each break, and the findings it adds."""
    hook, topic = f"hook {HOOK} of group {GROUP}", f"topic {account.name('AlertTopic')}"
    task_monitor, instance_drain = f"{STACK}-task-monitor", f"{STACK}-instance-drain"
    (mapping,) = account.client("lambda").list_event_source_mappings(FunctionName=task_monitor)["EventSourceMappings"]
    mapping_name = f"event source mapping {mapping['UUID']} of function {task_monitor}"
    yield short_hook, {("heartbeat-too-short", hook), ("deadline-beyond-hook", hook)}
    yield lost_hook, {("cluster-unknown", f"group {GROUP}")}
    yield no_hook, {("hook-missing", f"group {GROUP}")}
    yield drained_twice, {("drained-twice", f"capacity provider blue-provider of group {GROUP}")}
    yield no_redrive, {("redrive-missing", f"queue {task_monitor}")}
    yield hasty_queue, {("visibility-too-short", f"queue {instance_drain}")}
    yield dead_letter, {("dead-letters-waiting", f"queue {task_monitor}-dead")}
    yield no_dead_letter_queue, {("queue-missing", f"queue {instance_drain}-dead")}
    yield no_topic, {("topic-missing", topic)}
    yield disabled_rule, {("rule-disabled", f"rule {STACK}-task-stopped")}
    yield bare_target, {("target-without-dead-letters", f"rule {STACK}-drain-spot, target instance-drain")}
    yield no_tick, {("tick-missing", f"function {instance_drain}")}
    yield no_look_at_volumes, {("tick-missing", f"function {STACK}-volume-monitor")}
    yield disabled_mapping, {("mapping-disabled", mapping_name)}
    yield unreported, {("failures-not-reported", mapping_name)}
    yield variable("task-monitor", METRICS="cloud"), {("variable-refused", f"function {task_monitor}")}
    yield variable("service-monitor", METRICS="cloud"), {("variable-refused", f"function {STACK}-service-monitor")}
    yield variable("task-monitor", ALERT_TABLE="nowhere"), {
        ("table-missing", "table nowhere"), ("action-denied", f"role of function {task_monitor}")}
    yield variable("instance-drain", DRAIN_CLUSTERS="quay"), {
        ("cluster-missing", f"function {instance_drain}"), ("cluster-named-only", f"cluster {CLUSTER}")}
    yield concurrent, {("concurrency-not-one", f"function {instance_drain}")}
    yield endless_table, {("time-to-live-missing", f"table {account.name('AlertTable')}")}
    yield filtered, {("all-filtered", topic)}
    yield poor_role, {("action-denied", f"role of function {task_monitor}")}


@contextmanager
def broken(account: Account, break_it: Break) -> Iterator[None]:
    """Break something, and repair it."""
    repair = break_it(account)
    try:
        yield
    finally:
        repair()


def check(folder: Path) -> str:
    """Do it all."""
    account = build(folder)
    well = account.findings()
    # MiniStack knows no InstanceLifecyclePolicy, so the group cannot retain.
    expect("findings of the template as it is", well, {("expires-with-tasks", f"hook {HOOK} of group {GROUP}")})
    code, rows, _ = account.doctor()
    unread = [(row["finding"], row["check"]) for row in rows if row["finding"] == "not-checked"]
    expect("what is not checked without --policy", (code, unread), (1, [("not-checked", "configuration")] * len(deployment.FUNCTIONS)))
    count = 0
    for break_it, added in cases(account):
        with broken(account, break_it):
            found = account.findings()
        # What a hook that is not there would do is no finding.
        lost = {("expires-with-tasks", f"hook {HOOK} of group {GROUP}")} if break_it is no_hook else set()
        # A function whose environment is refused says nothing of its table, and its role is not tried.
        expect(f"findings of {break_it.__name__} {sorted(added)}", found, (well - lost) | added)
        count += 1
    expect("findings after all was repaired", account.findings(), well)
    code, rows, _ = account.doctor(stack="nobody")
    expect("a stack that is not there", (code, sorted(row["finding"] for row in rows if row["check"] == "configuration")),
           (1, ["function-missing"] * len(deployment.FUNCTIONS)))
    os.environ["AWS_ACCESS_KEY_ID"] = ""
    code, rows, errors = account.doctor()
    expect(f"without credentials: {errors}", (code, rows), (2, []))
    return f"doctor: {count} breaks of the deployed template found, and nothing else"


if __name__ == "__main__":
    run_check("doctor", check)
