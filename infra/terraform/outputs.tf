output "alert_topic_arn" {
  description = "The topic alerts go to; subscribe to it"
  value       = aws_sns_topic.alerts.arn
}

output "alert_key_arn" {
  description = "The key that encrypts the topic"
  value       = aws_kms_key.alerts.arn
}

output "alert_table_name" {
  description = "The table of the open incidents"
  value       = aws_dynamodb_table.incidents.name
}

output "dashboard_url" {
  description = "The dashboard, in the console"
  value       = "https://${local.region}.${local.consoles[local.partition]}/cloudwatch/home?region=${local.region}#dashboards:name=${var.name}"
}

output "drain_hook_names" {
  description = "What a lifecycle hook has to be called to be answered"
  value       = var.drain_hooks
}

output "task_monitor_function_arn" {
  description = "The function that judges stops"
  value       = aws_lambda_function.function["task-monitor"].arn
}

output "task_monitor_role_arn" {
  description = "Its role, for what a policy of yours adds"
  value       = aws_iam_role.function["task-monitor"].arn
}

output "task_monitor_queue_url" {
  description = "Its queue; events of other accounts and regions can be sent here"
  value       = aws_sqs_queue.events["task-monitor"].url
}

output "task_monitor_queue_arn" {
  description = "The same queue, for rules of yours"
  value       = aws_sqs_queue.events["task-monitor"].arn
}

output "task_monitor_dead_letter_queue_url" {
  description = "What it gave up"
  value       = aws_sqs_queue.dead_letters["task-monitor"].url
}

output "task_monitor_log_group_name" {
  description = "Its log"
  value       = aws_cloudwatch_log_group.function["task-monitor"].name
}

output "service_monitor_function_arn" {
  description = "The function that judges services and deployments"
  value       = aws_lambda_function.function["service-monitor"].arn
}

output "service_monitor_role_arn" {
  description = "Its role, for what a policy of yours adds"
  value       = aws_iam_role.function["service-monitor"].arn
}

output "service_monitor_queue_url" {
  description = "Its queue; events of other accounts and regions can be sent here"
  value       = aws_sqs_queue.events["service-monitor"].url
}

output "service_monitor_queue_arn" {
  description = "The same queue, for rules of yours"
  value       = aws_sqs_queue.events["service-monitor"].arn
}

output "service_monitor_dead_letter_queue_url" {
  description = "What it gave up"
  value       = aws_sqs_queue.dead_letters["service-monitor"].url
}

output "service_monitor_log_group_name" {
  description = "Its log"
  value       = aws_cloudwatch_log_group.function["service-monitor"].name
}

output "volume_monitor_function_arn" {
  description = "The function that watches volumes"
  value       = aws_lambda_function.function["volume-monitor"].arn
}

output "volume_monitor_role_arn" {
  description = "Its role, for what a policy of yours adds"
  value       = aws_iam_role.function["volume-monitor"].arn
}

output "volume_monitor_queue_url" {
  description = "Its queue; a tick that is sent here has it look at once"
  value       = aws_sqs_queue.events["volume-monitor"].url
}

output "volume_monitor_queue_arn" {
  description = "The same queue, for rules of yours"
  value       = aws_sqs_queue.events["volume-monitor"].arn
}

output "volume_monitor_dead_letter_queue_url" {
  description = "What it gave up"
  value       = aws_sqs_queue.dead_letters["volume-monitor"].url
}

output "volume_monitor_log_group_name" {
  description = "Its log"
  value       = aws_cloudwatch_log_group.function["volume-monitor"].name
}

output "instance_monitor_function_arn" {
  description = "The function that judges hosts"
  value       = aws_lambda_function.function["instance-monitor"].arn
}

output "instance_monitor_role_arn" {
  description = "Its role, for what a policy of yours adds"
  value       = aws_iam_role.function["instance-monitor"].arn
}

output "instance_monitor_queue_url" {
  description = "Its queue; events of other accounts and regions can be sent here"
  value       = aws_sqs_queue.events["instance-monitor"].url
}

output "instance_monitor_queue_arn" {
  description = "The same queue, for rules of yours"
  value       = aws_sqs_queue.events["instance-monitor"].arn
}

output "instance_monitor_dead_letter_queue_url" {
  description = "What it gave up"
  value       = aws_sqs_queue.dead_letters["instance-monitor"].url
}

output "instance_monitor_log_group_name" {
  description = "Its log"
  value       = aws_cloudwatch_log_group.function["instance-monitor"].name
}

output "instance_drain_function_arn" {
  description = "The function that drains instances"
  value       = aws_lambda_function.function["instance-drain"].arn
}

output "instance_drain_role_arn" {
  description = "Its role, for what a policy of yours adds"
  value       = aws_iam_role.function["instance-drain"].arn
}

output "instance_drain_queue_url" {
  description = "Its queue; a hook that notifies through SQS can send here"
  value       = aws_sqs_queue.events["instance-drain"].url
}

output "instance_drain_queue_arn" {
  description = "The same queue, for rules of yours"
  value       = aws_sqs_queue.events["instance-drain"].arn
}

output "instance_drain_dead_letter_queue_url" {
  description = "What it gave up"
  value       = aws_sqs_queue.dead_letters["instance-drain"].url
}

output "instance_drain_log_group_name" {
  description = "Its log"
  value       = aws_cloudwatch_log_group.function["instance-drain"].name
}

output "instance_protection_function_arn" {
  description = "The function that protects instances from scale-in"
  value       = aws_lambda_function.function["instance-protection"].arn
}

output "instance_protection_role_arn" {
  description = "Its role, for what a policy of yours adds"
  value       = aws_iam_role.function["instance-protection"].arn
}

output "instance_protection_queue_url" {
  description = "Its queue, which has ticks alone"
  value       = aws_sqs_queue.events["instance-protection"].url
}

output "instance_protection_queue_arn" {
  description = "The same queue, for a schedule of yours"
  value       = aws_sqs_queue.events["instance-protection"].arn
}

output "instance_protection_dead_letter_queue_url" {
  description = "What it gave up"
  value       = aws_sqs_queue.dead_letters["instance-protection"].url
}

output "instance_protection_log_group_name" {
  description = "Its log"
  value       = aws_cloudwatch_log_group.function["instance-protection"].name
}

output "cluster_audit_function_arn" {
  description = "The function that looks at clusters"
  value       = aws_lambda_function.function["cluster-audit"].arn
}

output "cluster_audit_role_arn" {
  description = "Its role, for what a policy of yours adds"
  value       = aws_iam_role.function["cluster-audit"].arn
}

output "cluster_audit_queue_url" {
  description = "Its queue, which has ticks alone"
  value       = aws_sqs_queue.events["cluster-audit"].url
}

output "cluster_audit_queue_arn" {
  description = "The same queue, for a schedule of yours"
  value       = aws_sqs_queue.events["cluster-audit"].arn
}

output "cluster_audit_dead_letter_queue_url" {
  description = "What it gave up"
  value       = aws_sqs_queue.dead_letters["cluster-audit"].url
}

output "cluster_audit_log_group_name" {
  description = "Its log"
  value       = aws_cloudwatch_log_group.function["cluster-audit"].name
}
