# The dashboard: what is alerted on, what is drained, and how the functions are.

locals {
  # The functions in the order of the legend.
  shown  = ["task-monitor", "service-monitor", "volume-monitor", "instance-monitor", "instance-drain", "instance-protection", "cluster-audit"]
  ticked = ["task-monitor", "instance-drain", "instance-protection", "cluster-audit"]

  # What all widgets share, and the grid's height.
  widget = { region = local.region, view = "timeSeries", yAxis = { left = { min = 0 } } }
  height = 6
}

resource "aws_cloudwatch_dashboard" "dashboard" {
  dashboard_name = var.name

  dashboard_body = jsonencode({ widgets = [
    {
      type = "metric", x = 0, y = 0, width = 12, height = local.height
      properties = merge(local.widget, {
        title   = "Verdicts worth an alert, by cause"
        stacked = true
        period  = 300
        metrics = [[{
          id         = "alerts"
          expression = "SEARCH('{\"${var.metrics_namespace}\",Cause} MetricName=\"Alerts\"', 'Sum', 300)"
          label      = ""
        }]]
      })
    },
    {
      type = "metric", x = 12, y = 0, width = 12, height = local.height
      properties = merge(local.widget, {
        title   = "All verdicts, by cause"
        stacked = true
        period  = 300
        metrics = [[{
          id         = "verdicts"
          expression = "SEARCH('{\"${var.metrics_namespace}\",Cause} MetricName=\"Verdicts\"', 'Sum', 300)"
          label      = ""
        }]]
      })
    },
    {
      type = "metric", x = 0, y = 6, width = 12, height = local.height
      properties = merge(local.widget, {
        title  = "Messages sent, alerts suppressed"
        stat   = "Sum"
        period = 300
        metrics = concat(
          [for name in local.shown : [var.metrics_namespace, "Messages", "Function", name, { label = "messages of ${name}" }]],
          [
            [var.metrics_namespace, "Suppressed", "Function", "task-monitor", { label = "alerts counted instead of told" }],
            [var.metrics_namespace, "Suppressed", "Function", "service-monitor", { label = "alerts of service-monitor counted instead of told" }],
            [var.metrics_namespace, "Suppressed", "Function", "instance-monitor", { label = "alerts of instance-monitor counted instead of told" }],
            [var.metrics_namespace, "PublishFailures", "Function", "task-monitor", { label = "not accepted by SNS" }],
            [var.metrics_namespace, "PublishFailures", "Function", "service-monitor", { label = "of service-monitor not accepted by SNS" }],
            [var.metrics_namespace, "PublishFailures", "Function", "instance-monitor", { label = "of instance-monitor not accepted by SNS" }],
          ],
        )
      })
    },
    {
      type = "metric", x = 12, y = 6, width = 6, height = local.height
      properties = merge(local.widget, {
        title   = "Drains in flight"
        stat    = "Maximum"
        period  = 60
        metrics = [[var.metrics_namespace, "DrainsInFlight", "Function", "instance-drain", { label = "instances" }]]
      })
    },
    {
      type = "metric", x = 18, y = 6, width = 6, height = local.height
      properties = merge(local.widget, {
        title   = "Oldest drain"
        stat    = "Maximum"
        period  = 60
        metrics = [[var.metrics_namespace, "OldestDrainSeconds", "Function", "instance-drain", { label = "seconds" }]]
      })
    },
    {
      type = "metric", x = 0, y = 12, width = 8, height = local.height
      properties = merge(local.widget, {
        title  = "Waiting and dead letters"
        stat   = "Maximum"
        period = 60
        yAxis  = { left = { min = 0 }, right = { min = 0 } }
        metrics = concat(
          [for name in local.shown :
            ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", aws_sqs_queue.events[name].name, { label = "oldest event of ${name}, s" }]
          ],
          [for name in local.shown :
            ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", aws_sqs_queue.dead_letters[name].name, { label = "dead letters of ${name}", yAxis = "right" }]
          ],
        )
      })
    },
    {
      type = "metric", x = 8, y = 12, width = 8, height = local.height
      properties = merge(local.widget, {
        title  = "Invocations, errors, throttles"
        stat   = "Sum"
        period = 60
        metrics = concat([
          for name in local.shown : [
            ["AWS/Lambda", "Invocations", "FunctionName", aws_lambda_function.function[name].function_name, { label = name }],
            ["AWS/Lambda", "Errors", "FunctionName", aws_lambda_function.function[name].function_name, { label = "${name}, errors" }],
            ["AWS/Lambda", "Throttles", "FunctionName", aws_lambda_function.function[name].function_name, { label = "${name}, throttles" }],
          ]
        ]...)
      })
    },
    {
      type = "metric", x = 16, y = 12, width = 8, height = local.height
      properties = merge(local.widget, {
        title  = "Ticks, and what failed"
        stat   = "Sum"
        period = 60
        metrics = concat(
          [for name in local.ticked : [var.metrics_namespace, "Ticks", "Function", name, { label = "ticks of ${name}" }]],
          [
            [var.metrics_namespace, "TableFailures", "Function", "task-monitor", { label = "alert table failed" }],
            [var.metrics_namespace, "TableFailures", "Function", "service-monitor", { label = "alert table failed service-monitor" }],
            [var.metrics_namespace, "TableFailures", "Function", "instance-monitor", { label = "alert table failed instance-monitor" }],
            [var.metrics_namespace, "TableFailures", "Function", "cluster-audit", { label = "alert table failed cluster-audit" }],
            [var.metrics_namespace, "VerdictsLost", "Function", "task-monitor", { label = "verdicts lost" }],
            [var.metrics_namespace, "Verdicts", "Cause", "unreadable-event", { label = "unreadable" }],
          ],
        )
      })
    },
    {
      type = "metric", x = 0, y = 18, width = 12, height = local.height
      properties = merge(local.widget, {
        title  = "Protected from scale-in"
        stat   = "Maximum"
        period = 60
        metrics = [
          [var.metrics_namespace, "ProtectedInstances", "Function", "instance-protection", { label = "instances protected" }],
          [var.metrics_namespace, "InstancesAtRisk", "Function", "instance-protection", { label = "instances with tasks that scale-in may cut" }],
          [var.metrics_namespace, "FullyProtectedGroups", "Function", "instance-protection", { label = "groups that cannot scale in" }],
        ]
      })
    },
    {
      type = "metric", x = 12, y = 18, width = 12, height = local.height
      properties = merge(local.widget, {
        title   = "Clusters that were not audited"
        stat    = "Maximum"
        period  = 60
        metrics = [[var.metrics_namespace, "NotAudited", "Function", "cluster-audit", { label = "looks that did not see everything" }]]
      })
    },
    {
      type = "metric", x = 0, y = 24, width = 8, height = local.height
      properties = merge(local.widget, {
        title   = "Lowest burst balance of a volume"
        stat    = "Minimum"
        period  = 300
        metrics = [[var.metrics_namespace, "LowestBurstBalance", "Function", "volume-monitor", { label = "percent" }]]
      })
    },
    {
      type = "metric", x = 8, y = 24, width = 8, height = local.height
      properties = merge(local.widget, {
        title  = "Volumes looked at"
        stat   = "Maximum"
        period = 300
        metrics = [
          [var.metrics_namespace, "VolumesMeasured", "Function", "volume-monitor", { label = "measured" }],
          [var.metrics_namespace, "VolumesSkipped", "Function", "volume-monitor", { label = "without burst credits to lose" }],
          [var.metrics_namespace, "VolumesWithoutValue", "Function", "volume-monitor", { label = "without a value" }],
          [var.metrics_namespace, "VolumesUnread", "Function", "volume-monitor", { label = "not read" }],
        ]
      })
    },
    {
      type = "metric", x = 16, y = 24, width = 8, height = local.height
      properties = merge(local.widget, {
        title  = "Looks of volume-monitor, and what failed"
        stat   = "Sum"
        period = 300
        metrics = [
          [var.metrics_namespace, "Ticks", "Function", "volume-monitor", { label = "ticks" }],
          [var.metrics_namespace, "TableFailures", "Function", "volume-monitor", { label = "alert table failed" }],
          [var.metrics_namespace, "PublishFailures", "Function", "volume-monitor", { label = "not accepted by SNS" }],
          [var.metrics_namespace, "NotAudited", "Function", "volume-monitor", { label = "not everything read" }],
        ]
      })
    },
  ] })
}
