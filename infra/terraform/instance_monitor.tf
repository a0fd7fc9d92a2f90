# instance-monitor judges what ECS, EC2 and AWS Health say of hosts.

locals {
  instance_monitor = {
    description          = "Judges what ECS, EC2 and AWS Health say of hosts, and alerts on trouble"
    timeout              = 30
    reserved_concurrency = null
    maximum_concurrency  = var.maximum_concurrency
    message_retention    = 1209600
    # Six times the timeout:
    # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    visibility_timeout = 180

    environment = merge(
      { ALERT_TABLE = aws_dynamodb_table.incidents.name },
      { for name in ["VERDICT_BUS"] : name => var.verdict_bus if var.verdict_bus != "" },
    )

    # What its alarms say and allow. It has no tick: what waits, and digests, are told by task-monitor.
    late              = "hosts are judged late, and so are alerts"
    throttled         = "Batches of instance-monitor are turned away; the account's concurrency is used up."
    throttles_allowed = 0
    without_ticks     = null
  }

  instance_monitor_statements = concat(
    [
      # What waits is told at the tick, which is task-monitor's; what is over is taken out here.
      {
        Sid      = "RememberIncidents"
        Effect   = "Allow"
        Action   = ["dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"]
        Resource = aws_dynamodb_table.incidents.arn
      },
      # Neither action knows resources:
      # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html
      # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
      {
        Sid      = "LookUpWhatHasNoResource"
        Effect   = "Allow"
        Action   = ["autoscaling:DescribeAutoScalingInstances", "ecs:ListClusters"]
        Resource = "*"
      },
      {
        Sid      = "FindInstances"
        Effect   = "Allow"
        Action   = "ecs:ListContainerInstances"
        Resource = "arn:${local.partition}:ecs:${local.here}:cluster/*"
      },
      {
        Sid      = "LookUp"
        Effect   = "Allow"
        Action   = "ecs:DescribeContainerInstances"
        Resource = "arn:${local.partition}:ecs:${local.here}:container-instance/*"
      },
    ],
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
    [for bus in [var.verdict_bus] : {
      Sid      = "PutVerdictsOnTheBus"
      Effect   = "Allow"
      Action   = "events:PutEvents"
      Resource = "arn:${local.partition}:events:${local.here}:event-bus/${bus}"
    } if bus != ""],
  )
}
