# Alarms about ecs-steward itself. They go out by CloudWatch, on no way that a function has a part in.

locals {
  alarm_topic = var.alarm_topic_arn == "" ? aws_sns_topic.alerts.arn : var.alarm_topic_arn

  # What each function has: `breaching` of the last `periods` minutes above the threshold. A heartbeat, which those with
  # a tick have, is the other way round: an alarm where it is below, or missing.
  function_alarms = merge([
    for name, function in local.functions : {
      "${name}-dead-letters" = {
        description = "${name} gave records up, or EventBridge could not deliver them. See Dead letters in the README."
        namespace   = "AWS/SQS"
        metric      = "ApproximateNumberOfMessagesVisible"
        dimensions  = { QueueName = aws_sqs_queue.dead_letters[name].name }
        statistic   = "Maximum"
        periods     = 1
        breaching   = 1
        threshold   = 0
        heartbeat   = false
      }
      "${name}-queue-age" = {
        description = "The oldest event of ${name} has waited for more than five minutes; ${function.late}."
        namespace   = "AWS/SQS"
        metric      = "ApproximateAgeOfOldestMessage"
        dimensions  = { QueueName = aws_sqs_queue.events[name].name }
        statistic   = "Maximum"
        periods     = 3
        breaching   = 3
        threshold   = 300
        heartbeat   = false
      }
      "${name}-errors" = {
        description = "Invocations of ${name} fail as a whole; look into its log."
        namespace   = "AWS/Lambda"
        metric      = "Errors"
        dimensions  = { FunctionName = aws_lambda_function.function[name].function_name }
        statistic   = "Sum"
        periods     = 5
        breaching   = 3
        threshold   = 0
        heartbeat   = false
      }
      "${name}-throttles" = {
        description = function.throttled
        namespace   = "AWS/Lambda"
        metric      = "Throttles"
        dimensions  = { FunctionName = aws_lambda_function.function[name].function_name }
        statistic   = "Sum"
        periods     = 5
        breaching   = 5
        threshold   = function.throttles_allowed
        heartbeat   = false
      }
    }
  ]...)

  tick_alarms = {
    for name, function in local.functions : "${name}-tick-missing" => {
      description = "${name} has not had its minute tick; ${function.without_ticks} do not come without it."
      namespace   = var.metrics_namespace
      metric      = "Ticks"
      dimensions  = { Function = name }
      statistic   = "Sum"
      periods     = 5
      breaching   = 5
      threshold   = 1
      heartbeat   = true
    } if function.without_ticks != null
  }

  other_alarms = {
    "unreadable-events" = {
      description = "Records came that could not be read as events; they end in a dead-letter queue."
      namespace   = var.metrics_namespace
      metric      = "Verdicts"
      dimensions  = { Cause = "unreadable-event" }
      statistic   = "Sum"
      periods     = 1
      breaching   = 1
      threshold   = 0
      heartbeat   = false
    }
    "publish-failures" = {
      description = "SNS does not take alerts; they come again, and end in the dead-letter queue if that goes on."
      namespace   = var.metrics_namespace
      metric      = "PublishFailures"
      dimensions  = { Function = "task-monitor" }
      statistic   = "Sum"
      periods     = 5
      breaching   = 3
      threshold   = 0
      heartbeat   = false
    }
    "table-failures" = {
      description = "The alert table does not answer; alerts go out without it, and are not grouped."
      namespace   = var.metrics_namespace
      metric      = "TableFailures"
      dimensions  = { Function = "task-monitor" }
      statistic   = "Sum"
      periods     = 5
      breaching   = 3
      threshold   = 0
      heartbeat   = false
    }
    "service-monitor-publish-failures" = {
      description = "SNS does not take alerts of service-monitor; they come again, and end in the dead-letter queue if that goes on."
      namespace   = var.metrics_namespace
      metric      = "PublishFailures"
      dimensions  = { Function = "service-monitor" }
      statistic   = "Sum"
      periods     = 5
      breaching   = 3
      threshold   = 0
      heartbeat   = false
    }
    "service-monitor-table-failures" = {
      description = "The alert table does not answer service-monitor; its alerts go out without it, and are not grouped."
      namespace   = var.metrics_namespace
      metric      = "TableFailures"
      dimensions  = { Function = "service-monitor" }
      statistic   = "Sum"
      periods     = 5
      breaching   = 3
      threshold   = 0
      heartbeat   = false
    }

    "instance-monitor-publish-failures" = {
      description = "SNS does not take alerts of instance-monitor; they come again, and end in the dead-letter queue if that goes on."
      namespace   = var.metrics_namespace
      metric      = "PublishFailures"
      dimensions  = { Function = "instance-monitor" }
      statistic   = "Sum"
      periods     = 5
      breaching   = 3
      threshold   = 0
      heartbeat   = false
    }
    "instance-monitor-table-failures" = {
      description = "The alert table does not answer instance-monitor; its alerts go out without it, and are not grouped."
      namespace   = var.metrics_namespace
      metric      = "TableFailures"
      dimensions  = { Function = "instance-monitor" }
      statistic   = "Sum"
      periods     = 5
      breaching   = 3
      threshold   = 0
      heartbeat   = false
    }

    "cluster-audit-publish-failures" = {
      description = "SNS does not take alerts of cluster-audit; the next look tells them again."
      namespace   = var.metrics_namespace
      metric      = "PublishFailures"
      dimensions  = { Function = "cluster-audit" }
      statistic   = "Sum"
      periods     = 5
      breaching   = 3
      threshold   = 0
      heartbeat   = false
    }
    "cluster-audit-table-failures" = {
      description = "The alert table does not answer cluster-audit; nothing it sees is told without it."
      namespace   = var.metrics_namespace
      metric      = "TableFailures"
      dimensions  = { Function = "cluster-audit" }
      statistic   = "Sum"
      periods     = 5
      breaching   = 3
      threshold   = 0
      heartbeat   = false
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "alarm" {
  for_each = merge(local.function_alarms, local.tick_alarms, local.other_alarms)

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 60
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.breaching
  threshold           = each.value.threshold
  comparison_operator = each.value.heartbeat ? "LessThanThreshold" : "GreaterThanThreshold"
  treat_missing_data  = each.value.heartbeat ? "breaching" : "notBreaching"
  alarm_actions       = [local.alarm_topic]
  ok_actions          = [local.alarm_topic]
}
