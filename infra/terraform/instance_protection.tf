# instance-protection keeps instances from being scaled in while they run tasks that must not be cut.

locals {
  instance_protection = {
    description = "Keeps instances from being scaled in while they run tasks that must not be cut"
    timeout     = 60
    # One at a time: the share of ECS's read allowance belongs to one process.
    reserved_concurrency = 1
    # The least there is; the reserved concurrency is what holds.
    maximum_concurrency = 2
    # The next tick looks anew: one that is an hour old helps nobody.
    message_retention = 3600
    # Not below the timeout.
    visibility_timeout = 90

    environment = {}

    # What its alarms say and allow.
    late              = "instances are protected and let go late"
    throttled         = "instance-protection is turned away for minutes, more than its pollers at a concurrency of one explain."
    throttles_allowed = 30
    without_ticks     = "protection and release"
  }

  instance_protection_statements = [
    # None of these actions knows resources:
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
    {
      Sid    = "SeeWhatHasNoResource"
      Effect = "Allow"
      Action = [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
        "ecs:ListClusters",
      ]
      Resource = "*"
    },
    {
      Sid      = "Protect"
      Effect   = "Allow"
      Action   = "autoscaling:SetInstanceProtection"
      Resource = "arn:${local.partition}:autoscaling:${local.here}:autoScalingGroup:*:autoScalingGroupName/${var.protect_group_names}"
    },
    {
      Sid      = "FindInstances"
      Effect   = "Allow"
      Action   = "ecs:ListContainerInstances"
      Resource = "arn:${local.partition}:ecs:${local.here}:cluster/*"
    },
    {
      Sid      = "SeeWhoseGroupsTheyAre"
      Effect   = "Allow"
      Action   = "ecs:DescribeCapacityProviders"
      Resource = "arn:${local.partition}:ecs:${local.here}:capacity-provider/*"
    },
    {
      Sid    = "SeeAndNote"
      Effect = "Allow"
      Action = [
        "ecs:DescribeContainerInstances",
        "ecs:PutAttributes",
        "ecs:DeleteAttributes",
        "ecs:ListTasks",
        "ecs:DescribeTasks",
      ]
      Resource = [
        "arn:${local.partition}:ecs:${local.here}:container-instance/*",
        "arn:${local.partition}:ecs:${local.here}:task/*",
      ]
      Condition = { ArnLike = { "ecs:cluster" = "arn:${local.partition}:ecs:${local.here}:cluster/*" } }
    },
  ]
}
