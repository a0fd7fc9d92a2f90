"""Hold each function's role against the calls it really made, through an offline IAM simulator.

target/e2e/calls.jsonl is what the functions called while the loop ran. None of it may be denied, and nothing may
be allowed that is not in it, but for what AWS does in the function's name. Each request is also made for another
account, region, table, cluster and so on, which has to be denied. Then the roles are broken on purpose.
"""

import argparse
import copy
import fnmatch
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import sdk_calls
import simulator
from cloudformation import Stack, TemplateError
from deliveries import deliveries
from iam_requests import GROUP_TAG, Call, CallError, Where, as_list, requests_of
from role_breaks import BREAKS, POLICY_BREAKS
from roles import Role, roles_of
from simulator import Question, Request, SimulatorError, Statement

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "infra" / "template.yaml"
CALLS = ROOT / "target" / "e2e" / "calls.jsonl"
DRAIN, PROTECT, VOLUMES = "instance-drain", "instance-protection", "volume-monitor"
AUDIT = "cluster-audit"
OTHER_ACCOUNT, OTHER_REGION = "999988887777", "ap-south-2"

# Actions with a resource type that ours have none of, so that they need "*".
DATASETS = "datasets are of OpenTelemetry metrics only; https://docs.aws.amazon.com/service-authorization/latest/" \
    "reference/list_amazoncloudwatch.html"
NO_RESOURCE_OF_OURS = {"cloudwatch:GetMetricData": DATASETS, "cloudwatch:PutMetricData": DATASETS}
# Patterns over actions that AWS's own pages ask for.
PATTERNS = {"kms:GenerateDataKey*": "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"}


Requests = dict[str, dict[Request, str]]


class CheckFailed(Exception):
    """A role does not fit, in one line or with a list below it."""


def recorded(path: Path) -> list[Call]:
    """The calls the functions made."""
    if not path.is_file():
        raise CheckFailed(f"there is no {path.name}: run make e2e, which records the calls")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def setting(calls: list[Call]) -> tuple[Where, str, dict[str, Any]]:
    """Where the calls were made, in which stack, and with which of its optional parts."""
    topics = {call["request"]["TopicArn"] for call in calls if call["operation"] == "Publish"}
    alerts = next((re.fullmatch(r"arn:aws:sns:([^:]+):(\d+):(.+)-alerts", topic) for topic in sorted(topics)
                   if topic.endswith("-alerts")), None)
    if alerts is None:
        raise CheckFailed(f"nothing was published to the topic of the template: {sorted(topics)}")
    parameters: dict[str, Any] = {"RouteTopicArns": ",".join(sorted(topics - {alerts.group(0)}))}
    for call in calls:
        if call["operation"] == "PutMetricData":
            parameters["Metrics"] = "api"
        if call["operation"] == "SendCommand":
            parameters["CollectHostLogs"] = "true"
        if call["operation"] == "PutEvents":
            parameters["VerdictBus"] = call["request"]["Entries"][0]["EventBusName"].rpartition("/")[2]
    return Where(alerts.group(2), alerts.group(1)), alerts.group(3), parameters


def narrowed(requests: Requests) -> dict[str, str]:
    """Parameters that allow no more than these requests."""
    return {
        "DrainClusterArns": ",".join(clusters_of(requests[DRAIN])),
        "AuditClusterArns": ",".join(clusters_of(requests[AUDIT])),
        "VolumeClusterArns": ",".join(clusters_of(requests[VOLUMES])),
        "DrainGroupNames": common(request.resource.rpartition("/")[2] for request in requests[DRAIN]
                                  if ":autoScalingGroup:" in request.resource),
        "ProtectGroupNames": common(request.resource.rpartition("/")[2] for request in requests[PROTECT]
                                    if ":autoScalingGroup:" in request.resource),
        "TaskLogGroups": common(re.sub(r".*:log-group:(.*):log-stream:.*", r"\1", request.resource)
                                for request in requests["task-monitor"] if request.action == "logs:GetLogEvents"),
    }


def clusters_of(requests: dict[Request, str]) -> list[str]:
    """The clusters that requests are about."""
    clusters = {value for request in requests for key, value in request.context if key == "ecs:cluster"}
    return sorted(clusters | {request.resource for request in requests if ":cluster/" in request.resource})


def common(names: Iterator[str]) -> str:
    """A name, or what several begin with and a *."""
    found = sorted(set(names))
    return found[0] if len(found) == 1 else os.path.commonprefix(found) + "*"


def elsewhere(function: str, request: Request) -> Iterator[tuple[str, Request]]:
    """The same request for what is not ours, each of which has to be denied."""
    arn = request.resource
    if arn == "*":
        if "cloudwatch:namespace" in dict(request.context):
            yield "another namespace", replace(request, context=(("cloudwatch:namespace", "not-ours"),))
        if "ecs:cluster" in dict(request.context):
            other = f"arn:aws:ecs:{OTHER_REGION}:{OTHER_ACCOUNT}:cluster/not-ours"
            yield "another cluster", replace(request, context=(("ecs:cluster", other),))
        return
    _, _, service, region, account, rest = arn.split(":", 5)
    yield "another account", replace(request, resource=arn.replace(f":{account}:", f":{OTHER_ACCOUNT}:", 1))
    yield "another region", replace(request, resource=arn.replace(f":{region}:", f":{OTHER_REGION}:", 1))
    if service in ("sns", "sqs", "kms", "events"):
        yield f"another name in {service}", replace(request, resource=f"{arn}-not-ours")
    if service == "dynamodb":
        yield "another table", replace(request, resource=re.sub(r"table/[^/]+", "table/not-ours", arn))
        yield "another index", replace(request, resource=f"{arn.partition('/index/')[0]}/index/not-ours")
    if service == "logs":
        yield "another log group", replace(request, resource=re.sub(r"log-group:[^:]+", "log-group:not-ours", arn))
    if service == "autoscaling":
        yield "another group", replace(request, resource=f"{arn.rpartition('/')[0]}/not-ours")
    if service == "ssm":
        yield "another document", replace(request, resource=f"{arn.rpartition('/')[0]}/AWS-RunPowerShellScript")
    if service == "ec2":
        yield "an instance of another group", replace(request, context=((GROUP_TAG, "not-ours"),))
        yield "an instance of no group", replace(request, context=())
    if service == "kms":
        by_s3 = (("kms:ViaService", f"s3.{region}.amazonaws.com"),)
        yield "another service's use of the key", replace(request, context=by_s3)
    if service == "ecs" and function in (DRAIN, VOLUMES, AUDIT):
        kind, _, name = rest.partition("/")
        cluster, slash, end = name.partition("/")
        other = f"arn:aws:ecs:{region}:{account}:cluster/not-ours"
        context = tuple((key, other if key == "ecs:cluster" else value) for key, value in request.context)
        there = f"arn:aws:ecs:{region}:{account}:{kind}/not-ours{slash}{end}"
        yield f"another cluster than {cluster}", replace(request, resource=there, context=context)


def atoms(statement: Statement) -> Iterator[tuple[str, str, Statement]]:
    """A statement in its parts: one action on one resource each."""
    for action in as_list(statement["Action"]):
        for resource in as_list(statement["Resource"]):
            yield action, resource, {**statement, "Action": action, "Resource": resource}


class Check:
    """Complaints about roles, each from one question to the simulator; asked all together."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.questions: list[Question] = []
        self.then: list[tuple[bool, str]] = []
        self.actions: set[str] = set()
        # Of each statement and each action or resource in it: the questions of which one has to be allowed.
        self.uses: dict[str, list[int]] = {}
        self.stars: list[tuple[str, str]] = []

    def ask(self, role: Role, request: Request, allowed: bool, complaint: str) -> None:
        """Ask whether the role may, and complain where the answer is another one."""
        self.questions.append(Question(request, role.statements))
        self.then.append((allowed, complaint))

    def calls(self, role: Role, requests: dict[Request, str]) -> None:
        """None of these may be denied."""
        for request, why in requests.items():
            self.ask(role, request, True, f"{role.function} may not {request} ({why})")

    def others(self, role: Role, requests: dict[Request, str]) -> None:
        """None of these may be allowed for what is not ours."""
        for request in requests:
            for what, other in elsewhere(role.function, request):
                self.ask(role, other, False, f"{role.function} may {other}: {what}")

    def nothing_else(self, role: Role, requests: dict[Request, str]) -> None:
        """Each action and each resource of each statement is needed by one of these."""
        for statement in role.statements:
            sid = f"{role.function}, statement {statement.get('Sid')}"
            for action, resource, atom in atoms(statement):
                self.actions.add(action)
                if resource == "*":
                    self.stars.append((sid, action))
                for part in (f"{sid}: nothing needs {action}", f"{sid}: nothing needs the resource {resource}"):
                    self.uses.setdefault(part, [])
                for request in requests:
                    if fnmatch.fnmatchcase(request.action.lower(), action.lower()):
                        for part in (f"{sid}: nothing needs {action}", f"{sid}: nothing needs the resource {resource}"):
                            self.uses[part].append(len(self.questions))
                        self.questions.append(Question(request, [atom]))
                        self.then.append((True, ""))

    def complaints(self) -> list[str]:
        """Ask the simulator, and say what is wrong."""
        data, allowed = simulator.ask(self.account, sorted(self.actions), self.questions)
        wrong = [complaint for (should, complaint), is_allowed in zip(self.then, allowed, strict=True)
                 if complaint and should != is_allowed]
        wrong += [part for part, questions in self.uses.items() if not any(allowed[one] for one in questions)]
        for action, found in data.items():
            if not found.known:
                wrong.append(f"there is no action {action}")
            if "*" in action and action not in PATTERNS:
                wrong.append(f"{action} is a pattern")
        for sid, action in self.stars:
            if not data[action].wildcard_only and action not in NO_RESOURCE_OF_OURS:
                wrong.append(f"{sid}: {action} has a resource, and is allowed on *")
        return sorted(set(wrong))


def requests_by_function(where: Where, calls: list[Call]) -> Requests:
    """The requests each function made, with the operation behind each."""
    found: Requests = {}
    for call in calls:
        for request in requests_of(where, call):
            found.setdefault(call["function"], {})[request] = f"{call['service']}:{call['operation']}"
    return found


def unrecorded(calls: list[Call]) -> list[str]:
    """Operations in the source that no function was seen to call, and the other way round."""
    made: dict[str, set[tuple[str, str]]] = {}
    for call in calls:
        made.setdefault(call["function"], set()).add((call["service"], call["operation"]))
    in_source = sdk_calls.by_function()
    wrong = [f"{function} is not recorded" for function in sorted(set(in_source) - set(made))]
    wrong += [f"{function} is recorded and is no function" for function in sorted(set(made) - set(in_source))]
    for function in sorted(set(in_source) & set(made)):
        for service, operation in sorted(in_source[function] - made[function]):
            if (function, service, operation) not in sdk_calls.NEVER_CALLED:
                wrong.append(f"{function} can call {service}:{operation}, and was not seen to")
        for service, operation in sorted(made[function] - in_source[function]):
            wrong.append(f"{function} called {service}:{operation}, which is not in its source")
    wrong += [f"{function} did call {service}:{operation}, and never should: {why}"
              for (function, service, operation), why in sdk_calls.NEVER_CALLED.items()
              if (service, operation) in made.get(function, set())]
    return wrong


def wrong_with(roles: dict[str, Role], requests: Requests, account: str, narrow: bool) -> list[str]:
    """What is wrong with the roles: with all there is about them, or only with what is denied and allowed."""
    check = Check(account)
    for function, role in roles.items():
        needed = requests.get(function, {}) | role.by_aws()
        check.calls(role, needed)
        check.others(role, needed) if narrow else check.nothing_else(role, needed)
    return check.complaints()


def undelivered(stack: Stack) -> list[str]:
    """What the policies of queues, topic and key deny the rules and alarms, or allow others."""
    wanted = deliveries(stack)
    _, allowed = simulator.ask(stack.account, [], [Question(one.request, [], one.service) for one in wanted])
    return sorted({one.what for one, is_allowed in zip(wanted, allowed, strict=True) if one.allowed != is_allowed})


def check(template: Path, recording: Path) -> str:
    """Hold the roles to it, then break them."""
    calls = recorded(recording)
    wrong = unrecorded(calls)
    where, name, parameters = setting(calls)
    requests = requests_by_function(where, calls)
    given = {False: parameters, True: {**parameters, **narrowed(requests)}}
    stacks = {narrow: Stack.read(template, values, name, where.region) for narrow, values in given.items()}
    if stacks[False].account != where.account:
        raise CheckFailed(f"the calls were made in the account {where.account}")
    roles = {narrow: roles_of(stack) for narrow, stack in stacks.items()}
    for narrow in (False, True):
        wrong += wrong_with(roles[narrow], requests, where.account, narrow)
    wrong += undelivered(stacks[False])
    if wrong := sorted(set(wrong)):
        raise CheckFailed("\n  ".join([f"{len(wrong)} wrong", *wrong]))
    for what, function, narrow, break_it, words in BREAKS:
        role = roles[narrow][function]
        found = wrong_with({function: role.with_statements(break_it(role.statements))}, requests, where.account, narrow)
        if not any(words in line for line in found):
            raise CheckFailed(f"broken on purpose ({what}), and nothing says '{words}': {found[:3]}")
    for what, resource, break_policy, words in POLICY_BREAKS:
        broken = copy.deepcopy(stacks[False])
        break_policy(broken.template["Resources"][resource]["Properties"])
        found = undelivered(broken)
        if not any(words in line for line in found):
            raise CheckFailed(f"broken on purpose ({what}), and nothing says '{words}': {found[:3]}")
    return (f"permissions: {sum(map(len, requests.values()))} requests of {len(calls)} calls allowed and nothing else, "
            f"{len(deliveries(stacks[False]))} deliveries as they should be, "
            f"{len(BREAKS) + len(POLICY_BREAKS)} breaks found")


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--template", type=Path, default=TEMPLATE)
    parser.add_argument("--calls", type=Path, default=CALLS)
    options = parser.parse_args()
    try:
        simulator.install()
        print(check(options.template, options.calls))
    except (CheckFailed, CallError, SimulatorError, TemplateError, sdk_calls.SourceError) as failed:
        sys.exit(f"permissions: {failed}")


if __name__ == "__main__":
    main()
