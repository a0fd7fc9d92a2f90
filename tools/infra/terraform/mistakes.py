"""Mistakes that are planted into the module one by one. Each has to be found, by the words it says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """A text in a file of the module, what it becomes, and what the check has to say about it."""

    what: str
    file: str
    before: str
    after: str
    found: str
    # Whether the file is the hook's.
    hook: bool = False


MISTAKES = [
    # Names and types of the provider.
    Mistake("a misspelt attribute", "queues.tf", "visibility_timeout_seconds =", "visibility_timeout =", "there is no attribute visibility_timeout"),
    Mistake("a missing required attribute", "rules.tf", "  arn       = aws_sqs_queue.events[each.value.function].arn\n", "", "arn is required"),
    Mistake("a missing required attribute of a block", "table.tf", '    projection_type = "KEYS_ONLY"\n', "", "projection_type is required"),
    Mistake("a misspelt block", "functions.tf", "dead_letter_config {", "dead_letters {", "there is no block dead_letters"),
    Mistake("an attribute where a block belongs", "table.tf", "  ttl {\n", "  ttl = {\n", "there is no attribute ttl, but a block"),
    Mistake("an attribute that is the provider's", "topic.tf", "  display_name ", '  id = "alerts"\n  owner = "us"\n  display_name ', "owner cannot be set"),
    Mistake("a block too many", "functions.tf", "  environment {", "  dead_letter_config {\n    target_arn = \"x\"\n  }\n\n  environment {", "may be there once"),
    Mistake("a text where a number belongs", "alarms.tf", "period              = 60", 'period              = "60s"', "period is a number"),
    Mistake("a single value where a list belongs", "functions.tf", "[var.architecture]", "var.architecture", "architectures is a list(string)"),
    Mistake("an unknown type", "queues.tf", '"aws_sqs_queue" "dead_letters"', '"aws_sqs_queues" "dead_letters"', "no facts about the type"),
    # Names of the module.
    Mistake("an attribute nobody has", "outputs.tf", "aws_kms_key.alerts.arn", "aws_kms_key.alerts.key_arn", "no attribute key_arn"),
    Mistake("a variable that is not there", "topic.tf", "var.alert_email ==", "var.email ==", "there is no such variable"),
    Mistake("a variable nobody uses", "functions.tf", "memory_size                    = var.function_memory", "memory_size                    = 128", "function_memory is not used"),
    Mistake("a local nobody uses", "alarms.tf", "merge(local.function_alarms, local.tick_alarms, local.other_alarms)", "local.function_alarms", "local.other_alarms is not used"),
    Mistake("a missing index", "outputs.tf", 'aws_iam_role.function["task-monitor"].arn', "aws_iam_role.function.arn", "needs an index"),
    Mistake("a key that is not there", "outputs.tf", 'aws_iam_role.function["task-monitor"].arn', 'aws_iam_role.function["task-watch"].arn', "there is no task-watch"),
    Mistake("each without for_each", "table.tf", '"${var.name}-incidents"', '"${var.name}-${each.key}"', "the block has no for_each"),
    Mistake("a variable without a type", "variables.tf", "  type        = bool\n", "", "there is no type"),
    Mistake("a circle", "functions.tf", '"task-monitor"     = local.task_monitor\n', '"task-monitor"    = merge(local.task_monitor, { x = aws_sqs_queue.events["task-monitor"].arn })\n', "needs itself"),
    Mistake("a bracket too few", "table.tf", "  ttl {", "  ttl ", "table.tf"),
    # What the template says.
    Mistake("a dropped action", "instance_drain.tf", '        "ecs:StopTask",\n', "", "SeeAndDrain.Action"),
    Mistake("an action too many", "task_monitor.tf", '"dynamodb:DeleteItem"', '"dynamodb:DeleteItem", "dynamodb:Scan"', "RememberIncidents.Action"),
    Mistake("a wider resource", "instance_drain.tf", '"arn:${local.partition}:ecs:${local.here}:task/*"', '"*"', "SeeAndDrain.Resource"),
    Mistake("a dropped condition", "instance_drain.tf", '      Condition = { ArnLike = { "ecs:cluster" = local.drain_clusters } }\n', "", "Condition is missing in the module"),
    Mistake("every cluster's instances", "volume_monitor.tf", "Resource = local.volume_clusters", 'Resource = "*"', "FindInstances.Resource"),
    Mistake("services of every cluster", "cluster_audit.tf", '        Condition = { ArnLike = { "ecs:cluster" = local.audit_clusters } }\n', "", "Condition is missing in the module"),
    Mistake("a tick too slow", "rules.tf", "rate(5 minutes)", "rate(50 minutes)", "schedule_expression"),
    Mistake("a dropped statement", "functions.tf", '    } if metrics == "api"]', '    } if metrics == "none"]', "Count is missing in the module"),
    Mistake("a statement of another function", "functions.tf", "local.own_statements[each.key]", 'local.own_statements["task-monitor"]', "RememberIncidents is missing"),
    Mistake("everybody may publish", "topic.tf", '{ Service = "cloudwatch.amazonaws.com" }', '{ Service = "events.amazonaws.com" }', "AlarmsArePublished.Principal"),
    Mistake("a changed pattern", "rules.tf", '"STOPPING", "DEPROVISIONING"]', '"STOPPING", "STOPPED"]', "event_pattern"),
    Mistake("a pattern that asks for more", "rules.tf", '            { exists = false },\n', "", "event_pattern"),
    Mistake("a rule without a variable", "rules.tf", "= var.drain_on_stopped_tasks", "= var.drain_on_stopped_tasks || true", "missing in the template"),
    Mistake("a target too few", "rules.tf", '["task-monitor", "instance-drain", "instance-protection", "cluster-audit"]', '["task-monitor", "instance-protection"]', "ecs-steward-tick instance-drain is missing"),
    Mistake("no dead letters of a rule", "rules.tf", "  dead_letter_config {\n    arn = aws_sqs_queue.dead_letters[each.value.function].arn\n  }\n", "", "dead_letter_config is missing"),
    Mistake("the queue of another function", "rules.tf", "= aws_sqs_queue.events[each.value.function].arn", '= aws_sqs_queue.events["task-monitor"].arn', "arn"),
    Mistake("a shorter time in the queue", "instance_drain.tf", "visibility_timeout = 90", "visibility_timeout = 30", "visibility_timeout_seconds"),
    Mistake("fewer tries", "queues.tf", "maxReceiveCount = 10", "maxReceiveCount = 3", "maxReceiveCount"),
    Mistake("several drains at once", "instance_drain.tf", "reserved_concurrency = 1", "reserved_concurrency = null", "reserved_concurrent_executions is missing"),
    Mistake("no answers for single messages", "functions.tf", '  function_response_types            = ["ReportBatchItemFailures"]\n', "", "function_response_types is missing"),
    Mistake("a variable of the environment too few", "instance_drain.tf", "{ DRAIN_HOOKS = var.drain_hooks }", "{}", "DRAIN_HOOKS is missing"),
    Mistake("an alarm that hears nothing", "alarms.tf", '? "breaching" :', '? "missing" :', "treat_missing_data"),
    Mistake("an alarm at another threshold", "instance_drain.tf", "throttles_allowed = 30", "throttles_allowed = 3", "threshold"),
    Mistake("an alarm of another metric", "alarms.tf", '"ApproximateAgeOfOldestMessage"', '"ApproximateNumberOfMessagesVisible"', "metric_name"),
    Mistake("an alarm for nobody", "alarms.tf", "  alarm_actions       = [local.alarm_topic]\n", "", "alarm_actions is missing"),
    Mistake("a widget of another metric", "dashboard.tf", '"OldestDrainSeconds"', '"DrainSeconds"', "dashboard_body"),
    Mistake("a topic without a key", "topic.tf", "  kms_master_key_id = aws_kms_key.alerts.arn\n", "", "kms_master_key_id is missing"),
    Mistake("an index over another key", "table.tf", 'range_key       = "due"', 'range_key       = "pk"', "global_secondary_index"),
    Mistake("another default", "variables.tf", 'default     = "2s"', 'default     = "5s"', "variable enrich_time, default"),
    Mistake("a looser validation", "variables.tf", "^([0-9]|10)s$", "^[0-9]+s$", "only the module takes"),
    Mistake("a tighter validation", "variables.tf", "var.function_memory <= 10240", "var.function_memory <= 3008", "only the template takes"),
    Mistake("another output", "outputs.tf", 'aws_sqs_queue.events["task-monitor"].url', 'aws_sqs_queue.dead_letters["task-monitor"].url', "output task_monitor_queue_url"),
    Mistake("an output too few", "outputs.tf", 'output "alert_key_arn"', 'output "alert_key"', "outputs"),
    Mistake("a hook on another transition", "hook.tf", "EC2_INSTANCE_TERMINATING", "EC2_INSTANCE_LAUNCHING", "lifecycle_transition", hook=True),
    Mistake("a hook that names no cluster", "hook.tf", "{ cluster = var.cluster_name }", "{}", "notification_metadata", hook=True),
    Mistake("a hook that waits too short", "variables.tf", ">= 300", ">= 30", "only the module takes", hook=True),
    Mistake("a tag without a value", "hook.tf", "    value               = var.cluster_name\n", "", "value is required", hook=True),
]
