# volume-monitor watches the burst balance of the volumes of ECS instances.

locals {
  volume_monitor = {
    description          = "Watches the burst balance of the volumes of ECS instances, and alerts before it runs out"
    timeout              = 120
    reserved_concurrency = null
    # The least there is; one tick comes in five minutes.
    maximum_concurrency = 2
    # A tick is a hint, and the next one looks anew: one that is an hour old helps nobody.
    message_retention = 3600
    # Not below the timeout.
    visibility_timeout = 180

    environment = merge(
      { ALERT_TABLE = aws_dynamodb_table.incidents.name },
      { for name in ["VOLUME_CLUSTERS"] : name => join(",", var.volume_cluster_arns) if length(var.volume_cluster_arns) > 0 },
      { for name in ["VERDICT_BUS"] : name => var.verdict_bus if var.verdict_bus != "" },
    )

    # What its alarms say and allow. Its tick, which is no minute's, has an alarm of its own below.
    late              = "volumes are looked at late, and so are alerts"
    throttled         = "Batches of volume-monitor are turned away; the account's concurrency is used up."
    throttles_allowed = 0
    without_ticks     = null
  }

  volume_clusters = length(var.volume_cluster_arns) > 0 ? var.volume_cluster_arns : ["arn:${local.partition}:ecs:${local.here}:cluster/*"]

  volume_monitor_statements = concat(
    [
      {
        Sid      = "RememberIncidents"
        Effect   = "Allow"
        Action   = ["dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"]
        Resource = aws_dynamodb_table.incidents.arn
      },
      # None of these actions knows resources:
      # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
      # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
      # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
      {
        Sid      = "SeeWhatHasNoResource"
        Effect   = "Allow"
        Action   = ["cloudwatch:GetMetricData", "ec2:DescribeVolumes", "ecs:ListClusters"]
        Resource = "*"
      },
      {
        Sid      = "FindInstances"
        Effect   = "Allow"
        Action   = "ecs:ListContainerInstances"
        Resource = local.volume_clusters
      },
      {
        Sid    = "SeeInstancesAndTasks"
        Effect = "Allow"
        Action = ["ecs:DescribeContainerInstances", "ecs:ListTasks", "ecs:DescribeTasks"]
        Resource = [
          "arn:${local.partition}:ecs:${local.here}:container-instance/*",
          "arn:${local.partition}:ecs:${local.here}:task/*",
        ]
        Condition = { ArnLike = { "ecs:cluster" = local.volume_clusters } }
      },
    ],
    [for bus in [var.verdict_bus] : {
      Sid      = "PutVerdictsOnTheBus"
      Effect   = "Allow"
      Action   = "events:PutEvents"
      Resource = "arn:${local.partition}:events:${local.here}:event-bus/${bus}"
    } if bus != ""],
  )

  # It ticks each five minutes, so its own counts come in periods of five minutes.
  volume_alarms = {
    "volume-monitor-tick-missing" = {
      description = "volume-monitor has not had its tick, which comes each five minutes; nobody looks at volumes without it."
      metric      = "Ticks"
      breaching   = 3
      threshold   = 1
      heartbeat   = true
    }
    "volume-monitor-publish-failures" = {
      description = "SNS does not take alerts of volume-monitor; the next look tells them again."
      metric      = "PublishFailures"
      breaching   = 2
      threshold   = 0
      heartbeat   = false
    }
    "volume-monitor-table-failures" = {
      description = "The alert table does not answer volume-monitor; nothing it sees is told without it."
      metric      = "TableFailures"
      breaching   = 2
      threshold   = 0
      heartbeat   = false
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "volumes" {
  for_each = local.volume_alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = var.metrics_namespace
  metric_name         = each.value.metric
  dimensions          = { Function = "volume-monitor" }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 3
  datapoints_to_alarm = each.value.breaching
  threshold           = each.value.threshold
  comparison_operator = each.value.heartbeat ? "LessThanThreshold" : "GreaterThanThreshold"
  treat_missing_data  = each.value.heartbeat ? "breaching" : "notBreaching"
  alarm_actions       = [local.alarm_topic]
  ok_actions          = [local.alarm_topic]
}
