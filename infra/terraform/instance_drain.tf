# instance-drain sees instances out before Auto Scaling terminates them.

locals {
  instance_drain = {
    description = "Drains ECS instances before Auto Scaling terminates them"
    timeout     = 60
    # One at a time: the share of ECS's read allowance belongs to one process.
    reserved_concurrency = 1
    # The least there is; the reserved concurrency is what holds.
    maximum_concurrency = 2
    # An event is a hint, and the next tick looks anew: one that is a day old helps nobody.
    message_retention = 86400
    # Not below the timeout, and short: a Spot warning that failed has to come again soon.
    visibility_timeout = 90

    environment = merge(
      { DRAIN_HOOKS = var.drain_hooks },
      { for name in ["DRAIN_CLUSTERS"] : name => join(",", var.drain_cluster_arns) if length(var.drain_cluster_arns) > 0 },
    )

    # What its alarms say and allow.
    late              = "drains begin and end late"
    throttled         = "instance-drain is turned away for minutes, more than its pollers at a concurrency of one explain."
    throttles_allowed = 30
    without_ticks     = "heartbeats and deadlines"
  }

  drain_clusters = length(var.drain_cluster_arns) > 0 ? var.drain_cluster_arns : ["arn:${local.partition}:ecs:${local.here}:cluster/*"]

  instance_drain_statements = concat(
    [
      # None of these actions knows resources:
      # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html
      # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
      {
        Sid    = "SeeWhatHasNoResource"
        Effect = "Allow"
        Action = [
          "autoscaling:DescribeAutoScalingGroups",
          "autoscaling:DescribeAutoScalingInstances",
          "autoscaling:DescribeLifecycleHooks",
          "ecs:ListClusters",
        ]
        Resource = "*"
      },
      {
        Sid      = "AnswerHooks"
        Effect   = "Allow"
        Action   = ["autoscaling:RecordLifecycleActionHeartbeat", "autoscaling:CompleteLifecycleAction"]
        Resource = "arn:${local.partition}:autoscaling:${local.here}:autoScalingGroup:*:autoScalingGroupName/${var.drain_group_names}"
      },
      {
        Sid      = "FindInstances"
        Effect   = "Allow"
        Action   = "ecs:ListContainerInstances"
        Resource = local.drain_clusters
      },
      {
        Sid    = "SeeAndDrain"
        Effect = "Allow"
        Action = [
          "ecs:DescribeContainerInstances",
          "ecs:UpdateContainerInstancesState",
          "ecs:PutAttributes",
          "ecs:ListTasks",
          "ecs:DescribeTasks",
          "ecs:StopTask",
          "ecs:GetTaskProtection",
          "ecs:DescribeServices",
        ]
        Resource = [
          "arn:${local.partition}:ecs:${local.here}:container-instance/*",
          "arn:${local.partition}:ecs:${local.here}:task/*",
          "arn:${local.partition}:ecs:${local.here}:service/*",
        ]
        Condition = { ArnLike = { "ecs:cluster" = local.drain_clusters } }
      },
    ],
    # AWS's own document, of no account.
    [for collects in [var.collect_host_logs] : {
      Sid      = "CollectLogsByScript"
      Effect   = "Allow"
      Action   = "ssm:SendCommand"
      Resource = "arn:${local.partition}:ssm:${local.region}::document/AWS-RunShellScript"
    } if collects],
    # The tag that Auto Scaling gives the instances of a group.
    [for collects in [var.collect_host_logs] : {
      Sid       = "CollectLogsOfGroups"
      Effect    = "Allow"
      Action    = "ssm:SendCommand"
      Resource  = "arn:${local.partition}:ec2:${local.here}:instance/*"
      Condition = { StringLike = { "aws:ResourceTag/aws:autoscaling:groupName" = var.drain_group_names } }
    } if collects],
    # The action knows no resources:
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
    [for collects in [var.collect_host_logs] : {
      Sid      = "FollowCollections"
      Effect   = "Allow"
      Action   = "ssm:ListCommandInvocations"
      Resource = "*"
    } if collects],
  )
}
