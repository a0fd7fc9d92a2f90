"""Send every fixture through every event pattern of the template, and see whom it reaches.

EventBridge drops what no pattern matches, in silence. So what should reach a function is said here without the
patterns, by what the functions make of the event: the monitors by the golden verdict, instance-drain by
drain-triggers.tsv. MiniStack's TestEventPattern is the judge of a match. At the end the patterns are broken on
purpose, and each break has to be found.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3

from cloudformation import Stack, TemplateError
from emulator import leave_real_aws, start_emulator
from event_fixtures import ROOT, THEIR_HOOKS, Case, FixtureError, cases
from processes import none_left_behind
from report import DemoFailed

TEMPLATE = ROOT / "infra" / "template.yaml"
MONITOR, SERVICES, VOLUMES, HOSTS, DRAIN = "task-monitor", "service-monitor", "volume-monitor", "instance-monitor", "instance-drain"
PROTECT, AUDIT = "instance-protection", "cluster-audit"
FUNCTIONS = frozenset({MONITOR, SERVICES, VOLUMES, HOSTS, DRAIN, PROTECT, AUDIT})
# Digests, recoveries, heartbeats and deadlines are told by these.
# And one looks at volumes, one at clusters.
TICKED = frozenset({MONITOR, VOLUMES, DRAIN, PROTECT, AUDIT})

# What service-monitor judges, and what of it is quiet whatever else it says, and asks for nothing.
OF_SERVICES = frozenset({"ecs service action", "ecs deployment state change", "ecs daemon service action",
                         "ecs daemon deployment state change", "ecs hook state change"})
UNHEARD = frozenset({"TASKSET_STEADY_STATE", "CAPACITY_PROVIDER_STEADY_STATE", "SERVICE_DESIRED_COUNT_UPDATED",
                     "TASKS_STOPPED"})

# What instance-monitor judges, whatever its verdict: what is quiet may end the alert of what was not.
OF_HOSTS = frozenset({"ecs container instance state change", "ecs container instance health change",
                      "ec2 spot instance interruption warning", "ec2 instance rebalance recommendation"})
ENDS, HEALTH = "ec2 instance state-change notification", "aws health event"

# Events that get through although nobody acts on them, or do not although somebody would: (fixture, function)
# -> whether it reaches it, and why that is right.
KNOWN: dict[tuple[str, str], tuple[bool, str]] = {
    ("ecs-task-state-change/not-stopped--unknown-last-status.json[0]", MONITOR): (
        True, "a status nobody knows may be a final one; it is judged, and logged, rather than dropped"),
    ("ecs-task-state-change/not-stopped--container-exited-init-0-quiet.json[0]", MONITOR): (
        True, "a pattern cannot compare status and exit code of the same container; the function is quiet about a 0"),
    ("ec2-instance-terminate-lifecycle-action/detail-type-in-lower-case.json[0]", DRAIN): (
        False, "a pattern compares exactly; AWS does not write it so, and a tick would find the instance"),
    ("ec2-instance-terminate-lifecycle-action/odd-types.json[0]", DRAIN): (
        False, "a wildcard is compared with texts; AWS writes the name as one, and a tick would find the instance"),
    ("ec2-instance-terminate-lifecycle-action/unknown-transition.json[0]", DRAIN): (
        True, "our hook on a transition nobody knows: the log says so"),
    ("ecs-service-action/detail-type-in-lower-case.json[0]", SERVICES): (
        False, "a pattern compares exactly; AWS does not write it so"),
    ("ecs-container-instance-state-change/draining-with-tasks.json[0]", DRAIN): (
        True, "the function reads the counts, of which one may be missing or a text"),
    ("ecs-container-instance-state-change/draining-agent-disconnected.json[0]", DRAIN): (
        True, "the function reads the counts, of which one may be missing or a text"),
}


class CheckFailed(Exception):
    """A rule does not do what it should, in one line or with a list below it."""


@dataclass(frozen=True)
class Rule:
    """A rule: its pattern, or None for a schedule, and the functions behind its targets."""

    name: str
    pattern: dict[str, Any] | None
    functions: frozenset[str]


Rules = list[Rule]
Matches = Callable[[dict[str, Any], Case], bool]


def rules_of(stack: Stack) -> Rules:
    """The rules of a template, each with the functions it reaches through its queues."""
    behind: dict[str, str] = {}
    for logical in stack.resources("AWS::Serverless::Function", "AWS::Lambda::Function"):
        properties = stack.properties(logical)
        name = Path(properties["CodeUri"]).name
        behind[stack.arn(logical)] = name
        for source in properties.get("Events", {}).values():
            if source["Type"] == "SQS":
                behind[source["Properties"]["Queue"]] = name
    rules = []
    for logical in stack.resources("AWS::Events::Rule"):
        properties = stack.properties(logical)
        arns = [target["Arn"] for target in properties["Targets"]]
        if unknown := [arn for arn in arns if arn not in behind]:
            raise TemplateError(f"{logical}: no function is behind {', '.join(unknown)}")
        if ("EventPattern" in properties) == ("ScheduleExpression" in properties):
            raise TemplateError(f"{logical} needs a pattern or a schedule, and not both")
        functions = frozenset(behind[arn] for arn in arns)
        rules.append(Rule(logical, properties.get("EventPattern"), functions))
    return rules


def of_hosts(case: Case) -> bool:
    """Whether instance-monitor judges an event: states that tell of an end, and notices of two services only."""
    kind, detail = case.event["detail-type"].lower(), case.event["detail"]
    if kind == ENDS:
        return detail.get("state") not in ("pending", "running", "stopped", "terminated")
    return kind in OF_HOSTS or (kind == HEALTH and detail.get("service") in ("ECS", "EC2"))


def wanted(case: Case, hooks: str) -> frozenset[str]:
    """Whom an event has to reach: said by what the functions make of it, not by any pattern."""
    functions = set()
    kind = case.event["detail-type"].lower()
    if kind in OF_SERVICES:
        if case.verdict == "alert" or case.event["detail"].get("eventName") not in UNHEARD:
            functions.add(SERVICES)
    elif kind in OF_HOSTS | {ENDS, HEALTH}:
        if of_hosts(case) or case.verdict == "alert":
            functions.add(HOSTS)
    elif case.verdict == "alert" or case.cause not in ("not-stopped", "unknown-event"):
        functions.add(MONITOR)
    if case.triggers[hooks] in ("look", "tick", "task-stopped"):
        functions.add(DRAIN)
    return frozenset(functions)


Key = tuple[str, str]


def complaints(rules: Rules, events: list[Case], hooks: str, matches: Matches) -> tuple[list[str], set[Key]]:
    """What is wrong, and the exceptions that were needed."""
    wrong: list[str] = []
    used: set[Key] = set()
    alive: set[str] = set()
    for case in events:
        reached: set[str] = set()
        for rule in rules:
            if rule.pattern is not None and matches(rule.pattern, case):
                reached |= rule.functions
                alive.add(rule.name)
        for function in sorted(FUNCTIONS):
            should, does = function in wanted(case, hooks), function in reached
            key = (case.name.partition(" ")[0], function)
            if should != does and key in KNOWN and KNOWN[key][0] == does:
                used.add(key)
            elif should != does:
                says = f"verdict {case.verdict}, {case.cause}; trigger {case.triggers[hooks]}"
                wrong.append(f"{case.name} {'reaches' if does else 'does not reach'} {function} ({says})")
    for rule in rules:
        if rule.pattern is not None and rule.name not in alive:
            wrong.append(f"{rule.name} matches no fixture")
    ticked = {function for rule in rules if rule.pattern is None for function in rule.functions}
    wrong += [f"no schedule reaches {function}" for function in sorted(TICKED - ticked)]
    return wrong, used


def tester(endpoint: str) -> Matches:
    """Ask MiniStack, and each question once."""
    client = boto3.client("events", endpoint_url=endpoint)
    answers: dict[tuple[str, str], bool] = {}

    def matches(pattern: dict[str, Any], case: Case) -> bool:
        question = (json.dumps(pattern), json.dumps(case.event))
        if question not in answers:
            try:
                reply = client.test_event_pattern(EventPattern=question[0], Event=question[1])
            except client.exceptions.InvalidEventPatternException as error:
                raise CheckFailed(f"pattern or event refused: {error}: {question[0]}") from error
            answers[question] = reply["Result"]
        return answers[question]

    return matches


def changed(name: str, change: Callable[[Rule], Rule]) -> Callable[[Rules], Rules]:
    """A change of one rule, by name."""
    def apply(rules: Rules) -> Rules:
        assert any(rule.name == name for rule in rules), f"there is no {name} to break"
        return [change(rule) if rule.name == name else rule for rule in rules]
    return apply


def detail(**filters: Any) -> Callable[[Rule], Rule]:
    """A change of a rule's filters on the detail; None takes one away."""
    def change(rule: Rule) -> Rule:
        pattern = dict(rule.pattern or {})
        together = {**pattern.get("detail", {}), **filters}
        pattern["detail"] = {key: value for key, value in together.items() if value is not None}
        if not pattern["detail"]:
            del pattern["detail"]
        return replace(rule, pattern=pattern)
    return change


def envelope(key: str, value: str) -> Callable[[Rule], Rule]:
    """A change of a rule's filter on the envelope."""
    return lambda rule: replace(rule, pattern={**(rule.pattern or {}), key: [value]})


def without(name: str) -> Callable[[Rules], Rules]:
    """The rules without one of them."""
    return lambda rules: [rule for rule in rules if rule.name != name]


# Breaks, each with words of the complaint that has to come of it.
BREAKS: list[tuple[str, Callable[[Rules], Rules], str]] = [
    ("a typo in the detail-type", changed("TaskStoppedRule", envelope("detail-type", "ECS Task State change")),
     "TaskStoppedRule matches no fixture"),
    ("a filter by stopCode", changed("TaskStoppedRule", detail(stopCode=["EssentialContainerExited"])),
     "does not reach task-monitor (verdict alert"),
    ("a filter by group", changed("TaskStoppedRule", detail(group=[{"prefix": "service:"}])),
     "does not reach task-monitor (verdict alert"),
    ("only STOPPED", changed("TaskStoppedRule", detail(lastStatus=["STOPPED"])),
     "not-stopped--last-status-missing.json[0] does not reach task-monitor"),
    ("every status", changed("TaskStoppedRule", detail(lastStatus=None)),
     "reaches task-monitor (verdict quiet, not-stopped"),
    ("no rule for containers", without("ContainerExitedRule"),
     "not-stopped--running-sidecar-already-failed.json[0] does not reach task-monitor"),
    ("containers of running tasks only", changed("ContainerExitedRule", detail(lastStatus=["RUNNING"])),
     "exit-code-absent-pending.json[0] does not reach task-monitor"),
    ("containers by an exit code", changed("ContainerExitedRule", detail(
        containers={"lastStatus": ["STOPPED"], "exitCode": [{"anything-but": [0]}]})),
     "exit-code-absent-pending.json[0] does not reach task-monitor"),
    ("containers of tasks that are to stop", changed("ContainerExitedRule", detail(desiredStatus=None)),
     "desired-stopped-quiet.json[0] reaches task-monitor"),
    ("containers where it is said what is desired", changed("ContainerExitedRule", detail(desiredStatus=["RUNNING"])),
     "desired-status-missing.json[0] does not reach task-monitor"),
    ("running tasks whose containers all run", changed("ContainerExitedRule", detail(containers=None)),
     "not-stopped--running-job.json[0] reaches task-monitor"),
    ("stops to the wrong function",
     changed("TaskStoppedRule", lambda rule: replace(rule, functions=frozenset({DRAIN}))),
     "reaches instance-drain"),
    ("no rule for services", without("ServiceActionRule"), "steady-state.json[0] does not reach service-monitor"),
    ("services by their type", changed("ServiceActionRule", detail(eventType=["WARN", "ERROR"])),
     "placement-info-without-reason.json[0] does not reach service-monitor"),
    ("services by names that are known", changed("ServiceActionRule", detail(
        eventName=["SERVICE_TASK_PLACEMENT_FAILURE", "SERVICE_STEADY_STATE"])),
     "unknown-name-error.json[0] does not reach service-monitor"),
    ("what services say of nothing", changed("ServiceActionRule", detail(eventName=None)),
     "taskset-steady.json[0] reaches service-monitor"),
    ("only deployments that failed", changed("DeploymentRule", detail(eventName=["SERVICE_DEPLOYMENT_FAILED"])),
     "rolled-back.json[0] does not reach service-monitor"),
    ("deployments to the wrong function",
     changed("DeploymentRule", lambda rule: replace(rule, functions=frozenset({MONITOR}))),
     "reaches task-monitor"),
    ("only agents that are gone", changed("ContainerInstanceRule", detail(agentConnected=[False])),
     "agent-back.json[0] does not reach instance-monitor"),
    ("no rule for ends", without("InstanceEndRule"), "stopping.json[0] does not reach instance-monitor"),
    ("instances that run", changed("InstanceEndRule", detail(state=None)), "running.json[0] reaches instance-monitor"),
    ("ends by states that are known", changed("InstanceEndRule", detail(state=["stopping", "shutting-down"])),
     "unknown-state.json[0] does not reach instance-monitor"),
    ("no rule for Spot", without("InstanceSpotRule"), "hibernate.json[0] does not reach instance-monitor"),
    ("health of every service", changed("HealthRule", detail(service=None)),
     "other-service.json[0] reaches instance-monitor"),
    ("health of one kind", changed("HealthRule", detail(eventTypeCategory=["issue"])),
     "ec2-retirement.json[0] does not reach instance-monitor"),
    ("terminations of every hook", changed("DrainTerminationRule", detail(LifecycleHookName=None)),
     "ecs-managed-draining-hook.json[0] reaches instance-drain"),
    ("launches too", changed("DrainTerminationRule", lambda rule: detail(LifecycleHookName=None)(
        envelope("detail-type", "EC2 Instance-launch Lifecycle Action")(rule))), "reaches instance-drain"),
    ("Spot warnings of one kind", changed("DrainSpotRule", detail(**{"instance-action": ["terminate"]})),
     "does not reach instance-drain"),
    ("instances by the wrong status", changed("DrainInstanceRule", detail(status=["ACTIVE"])),
     "draining-empty.json[0] does not reach instance-drain"),
    ("instances by their count", changed("DrainInstanceRule", detail(runningTasksCount=[0])),
     "counts-missing.json[0] does not reach instance-drain"),
    ("tasks of Fargate too", changed("DrainTaskRule", detail(containerInstanceArn=None)), "reaches instance-drain"),
    ("no rule for tasks on instances", without("DrainTaskRule"), "does not reach instance-drain"),
    ("no tick", without("TickRule"), "no schedule reaches"),
    ("no look at volumes", without("VolumeTickRule"), "no schedule reaches volume-monitor"),
]


def check(template: Path, endpoint: str) -> str:
    """Hold the template to it with our hooks and with those of the fixtures, then break it."""
    events, matches = cases(), tester(endpoint)
    wrong: list[str] = []
    used: set[Key] = set()
    ours = next(pattern for pattern in events[0].triggers if pattern != THEIR_HOOKS)
    stack = Stack.read(template)
    if stack.parameters["DrainHooks"] != ours:
        raise CheckFailed(f"DrainHooks is {stack.parameters['DrainHooks']}, and the function's own default {ours}")
    rules = rules_of(stack)
    their_rules = rules_of(Stack.read(template, {"DrainHooks": THEIR_HOOKS}))
    for hooks, under in ((ours, rules), (THEIR_HOOKS, their_rules)):
        found, needed = complaints(under, events, hooks, matches)
        wrong += [f"DrainHooks {hooks}: {line}" for line in found]
        used |= needed
    wrong += [f"the exception for {' and '.join(key)} is not needed" for key in sorted(set(KNOWN) - used)]
    if wrong:
        raise CheckFailed("\n  ".join([f"{len(wrong)} wrong", *wrong]))
    for name, break_it, words in BREAKS:
        found, _ = complaints(break_it(rules), events, ours, matches)
        if not any(words in line for line in found):
            raise CheckFailed(f"broken on purpose ({name}), and nothing says '{words}': {found[:3]}")
    patterns = sum(rule.pattern is not None for rule in rules)
    return (f"rules: {len(events)} events through {patterns} patterns reach whom they should, "
            f"{len(BREAKS)} breaks found")


def main() -> None:
    """Run it, and leave nothing behind."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--template", type=Path, default=TEMPLATE)
    template = parser.parse_args().template
    leave_real_aws()
    try:
        with none_left_behind(), tempfile.TemporaryDirectory() as folder:
            print(check(template, start_emulator(Path(folder))))
    except (CheckFailed, DemoFailed, TemplateError, FixtureError) as failed:
        sys.exit(f"rules: {failed}")


if __name__ == "__main__":
    main()
