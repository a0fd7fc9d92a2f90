"""The values with which the template and the module are held against each other."""

from __future__ import annotations

from typing import Any

from .translators import PACKAGES

HERE = "eu-west-1:111122223333"
PAGES, TUNING = f"arn:aws:sns:{HERE}:pages", f"arn:aws:sns:{HERE}:tuning"
HARBOR, QUAY = f"arn:aws:ecs:{HERE}:cluster/harbor", f"arn:aws:ecs:{HERE}:cluster/quay"

# Every condition of the template is true in one of them and false in another.
MAIN: dict[str, dict[str, Any]] = {
    "defaults": {"packages": PACKAGES},
    "everything set": {
        "packages": PACKAGES,
        "alert_email": "ops@example.com",
        "https_body": "chat",
        "route_topic_arns": [PAGES, TUNING],
        "alarm_topic_arn": TUNING,
        "verdict_bus": "verdicts",
        "drain_hooks": "drain-*",
        "drain_group_names": "web-*",
        "protect_group_names": "batch-*",
        "drain_cluster_arns": [HARBOR, QUAY],
        "volume_cluster_arns": [QUAY, HARBOR],
        "audit_cluster_arns": [HARBOR, QUAY],
        "audit_read_percent": 40,
        "drain_on_stopped_tasks": False,
        "collect_host_logs": True,
        "enrich_time": "0s",
        "task_log_groups": "/ecs/*",
        "architecture": "x86_64",
        "function_memory": 256,
        "maximum_concurrency": 7,
        "metrics": "api",
        "metrics_namespace": "Harbor/Steward",
        "log_level": "warn",
        "log_retention_days": 14,
    },
    "one of each list": {"packages": PACKAGES, "route_topic_arns": [PAGES], "drain_cluster_arns": [HARBOR],
                         "volume_cluster_arns": [QUAY], "audit_cluster_arns": [HARBOR]},
}
HOOK: dict[str, dict[str, Any]] = {
    "defaults": {"auto_scaling_group_name": "web", "cluster_name": "harbor"},
    "everything set": {
        "auto_scaling_group_name": "web-asg 2",
        "cluster_name": HARBOR,
        "hook_name": "ecs-steward/web",
        "heartbeat_timeout": 300,
        "default_result": "CONTINUE",
    },
}

_TOPICS = ["", PAGES, "arn:aws-cn:sns:cn-north-1:111122223333:pages", PAGES + ".fifo", "pages", f" {PAGES}", PAGES.replace("1111", "11x1"), HARBOR]
_CLUSTERS = [HARBOR, "harbor", HARBOR + "/x", HARBOR.replace(":ecs:", ":eks:"), HARBOR + "*", PAGES]

# What a parameter and its variable take or refuse alike; values that follow from the parameter itself come on top.
SAMPLES: dict[str, list[Any]] = {
    "alarm_topic_arn": _TOPICS,
    "alert_email": ["", "ops@example.com", "a+b@mail.example.co.jp", "ops@example", "ops", "a b@example.com", "@example.com", "a@b@example.com", " "],
    "architecture": ["arm64", "aarch64"],
    # An empty text in the list stands for no list in CloudFormation only.
    "drain_cluster_arns": [[], [HARBOR], [HARBOR, QUAY], *([each] for each in _CLUSTERS), [HARBOR, "harbor"]],
    "drain_group_names": ["*", "web-*", "web asg", "a" * 255, "a" * 256, "", "a:b", "日本", "web\tasg", "~!?"],
    "protect_group_names": ["*", "batch-*", "batch asg", "a" * 255, "a" * 256, "", "a:b", "日本", "batch\tasg", "~!?"],
    "drain_hooks": ["ecs-steward*", "ecs-steward", "a/b_c", "*", "", "a*b", "a**", "ecs steward", "a.b"],
    "enrich_time": ["0s", "9s", "10s", "11s", "2", "2000ms", "", "-1s", "02s", "2s "],
    "metrics_namespace": ["ecs-steward", "Harbor/Steward", "a.b_c#d", "a" * 255, "a" * 256, "", "a b", "a:b", "名"],
    "route_topic_arns": [[], [PAGES], [PAGES, TUNING], *([each] for each in _TOPICS if each), [PAGES, "pages"]],
    "task_log_groups": ["*", "/ecs/*", "a.b#c_d", "a" * 512, "a" * 513, "", "a b", "a:b", "a$b"],
    "audit_cluster_arns": [[], [HARBOR], [HARBOR, QUAY], *([each] for each in _CLUSTERS), [HARBOR, "harbor"]],
    "volume_cluster_arns": [[], [HARBOR], [HARBOR, QUAY], *([each] for each in _CLUSTERS), [HARBOR, "harbor"]],
    "verdict_bus": ["", "default", "a.b/c_d-1", "a" * 256, "a" * 257, "a b", "a:b", "a*"],
    # Those of the hook.
    "auto_scaling_group_name": ["web", "web asg", "a" * 255, "a" * 256, "", "arn:aws:autoscaling", "日本"],
    "cluster_name": ["harbor", HARBOR, "a" * 255, "a" * 256, "", "a b", PAGES, "arn:aws:ecs:x"],
    "hook_name": ["ecs-steward", "a/b_c", "a" * 255, "a" * 256, "", "a*", "a.b"],
}
