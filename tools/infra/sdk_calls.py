"""The operations of AWS that the source calls, by function: shared/src/aws, and what each main.rs takes of it."""

import re
from pathlib import Path

import botocore.session
from botocore import xform_name

ROOT = Path(__file__).resolve().parents[2]
ADAPTERS = ROOT / "shared" / "src" / "aws"
RUNTIME = ROOT / "shared" / "src" / "runtime"
FUNCTIONS = ROOT / "functions"
# botocore's names of the services, and those of the calls that were recorded, by the crate's.
SERVICES = {
    "autoscaling": ("autoscaling", "autoscaling"),
    "cloudwatch": ("cloudwatch", "cloudwatch"),
    "cloudwatchlogs": ("logs", "logs"),
    "dynamodb": ("dynamodb", "dynamodb"),
    "ecs": ("ecs", "ecs"),
    "eventbridge": ("events", "events"),
    "sns": ("sns", "sns"),
    "ssm": ("ssm", "ssm"),
}
# What an adapter can call and a function never does, by function, and why.
NO_TICK, ONLY_ASKS = "it has no tick, and so asks for nothing that is due", "it shares the adapter, and only asks"
NEVER_CALLED = {
    ("service-monitor", "dynamodb", "Query"): NO_TICK,
    ("instance-monitor", "dynamodb", "Query"): NO_TICK,
    ("volume-monitor", "dynamodb", "Query"): "what is due is told by task-monitor",
    **{("instance-monitor", "ecs", name): ONLY_ASKS for name in (
        "UpdateContainerInstancesState", "PutAttributes", "DeleteAttributes", "ListTasks", "DescribeTasks",
        "StopTask", "DescribeServices", "GetTaskProtection")},
    **{("instance-monitor", "autoscaling", name): ONLY_ASKS for name in (
        "DescribeAutoScalingGroups", "DescribeLifecycleHooks", "RecordLifecycleActionHeartbeat",
        "CompleteLifecycleAction", "SetInstanceProtection")},
}

Operation = tuple[str, str]


class SourceError(Exception):
    """The source is not as this file expects it, in one line."""


def code_of(path: Path) -> str:
    """The code of a file or a folder of files, without tests and comments."""
    files = [path] if path.is_file() else sorted(path.rglob("*.rs")) if path.is_dir() else []
    texts = [file.read_text(encoding="utf-8").split("#[cfg(test)]\nmod tests")[0] for file in files
             if file.name != "tests.rs"]
    return re.sub(r"^\s*//.*$", "", "\n".join(texts), flags=re.MULTILINE)


def operations_in(code: str) -> set[Operation]:
    """The operations a module calls: methods without arguments named as one of a service it names."""
    session, found = botocore.session.get_session(), set()
    methods = set(re.findall(r"\.\s*(\w+)\(\)", code))
    for crate in set(re.findall(r"\baws_sdk_(\w+)", code)):
        if crate not in SERVICES:
            raise SourceError(f"sdk_calls.py does not know the crate aws_sdk_{crate}")
        model, name = SERVICES[crate]
        for operation in session.get_service_model(model).operation_names:
            if xform_name(operation) in methods:
                found.add((name, operation))
    # Those that are built of the SDK's parts say themselves what they are.
    built = re.findall(r'\.service_name\("(\w+)"\)\s*\.operation_name\("(\w+)"\)', code)
    return found | set(built)


def not_in_functions() -> set[str]:
    """The modules that are `steward`'s alone: behind a feature that no function asks for."""
    behind = re.findall(r'^#\[cfg\(feature = "(\w+)"\)\]\npub mod (\w+);', code_of(ADAPTERS / "mod.rs"), re.MULTILINE)
    for manifest in FUNCTIONS.glob("*/Cargo.toml"):
        for feature, module in behind:
            if f'"{feature}"' in manifest.read_text(encoding="utf-8"):
                raise SourceError(f"{manifest.parent.name} is built with {module}, which is steward's alone")
    return {module for _, module in behind}


def by_function() -> dict[str, set[Operation]]:
    """The operations each function can call: those of the adapters its main.rs, or the runtime, takes."""
    taken_by_runtime = code_of(RUNTIME) + code_of(RUNTIME.with_suffix(".rs"))
    adapters: dict[str, tuple[set[str], set[Operation]]] = {}
    modules = {path.name.removesuffix(".rs") for path in ADAPTERS.iterdir() if path.name != "mod.rs"}
    for module in sorted(modules - not_in_functions()):
        code = code_of(ADAPTERS / f"{module}.rs") + code_of(ADAPTERS / module)
        if calls := operations_in(code):
            adapters[module] = (set(re.findall(r"^pub struct (\w+)", code, re.MULTILINE)), calls)
    found: dict[str, set[Operation]] = {}
    unused = set(adapters)
    for main in sorted(FUNCTIONS.glob("*/src/main.rs")):
        names = set(re.findall(r"\w+", code_of(main) + taken_by_runtime))
        used = {module for module, (types, _) in adapters.items() if types & names}
        unused -= used
        found[main.parents[1].name] = set().union(*(adapters[module][1] for module in used))
    if unused:
        raise SourceError(f"no function takes {', '.join(sorted(unused))} of shared/src/aws")
    return found
