output "hook_name" {
  description = "The hook's name, which drain_hooks of ecs-steward's module has to fit"
  value       = aws_autoscaling_lifecycle_hook.terminations.name
}

output "retain_command" {
  description = "Optional. Lets the group keep an instance whose termination was abandoned, as Terminating:Retained"
  value       = "aws autoscaling update-auto-scaling-group --region ${data.aws_region.current.region} --auto-scaling-group-name '${var.auto_scaling_group_name}' --instance-lifecycle-policy '{\"RetentionTriggers\": {\"TerminateHookAbandon\": \"retain\"}}'"
}
