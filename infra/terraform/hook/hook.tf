# The lifecycle hook of an existing Auto Scaling group, which holds its instances until instance-drain has seen their
# tasks off. Destroying it ends the hook, and an instance it holds at that time is terminated.

data "aws_region" "current" {}

resource "aws_autoscaling_lifecycle_hook" "terminations" {
  name                   = var.hook_name
  autoscaling_group_name = var.auto_scaling_group_name
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  heartbeat_timeout      = var.heartbeat_timeout
  default_result         = var.default_result

  # Spares the search for the cluster. No target and no role: EventBridge gets the event without them.
  notification_metadata = jsonencode({ cluster = var.cluster_name })
}

resource "aws_autoscaling_group_tag" "cluster" {
  count = var.tag_group ? 1 : 0

  autoscaling_group_name = var.auto_scaling_group_name

  tag {
    key                 = "ecs-steward:cluster"
    value               = var.cluster_name
    propagate_at_launch = false
  }
}
