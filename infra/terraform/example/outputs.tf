output "alert_topic_arn" {
  description = "Subscribe what else shall get alerts."
  value       = module.ecs_steward.alert_topic_arn
}

output "dashboard_url" {
  description = "The dashboard."
  value       = module.ecs_steward.dashboard_url
}

output "hooks" {
  description = "The hook of each group, by the group's name."
  value       = { for group, hook in module.hook : group => hook.hook_name }
}
