# task-monitor judges every stopped task, and groups what it tells into incidents.

locals {
  task_monitor = {
    description          = "Judges every ECS task stop and alerts on abnormal exits"
    timeout              = 30
    reserved_concurrency = null
    maximum_concurrency  = var.maximum_concurrency
    message_retention    = 1209600
    # Six times the timeout:
    # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    visibility_timeout = 180

    environment = merge(
      {
        ALERT_TABLE = aws_dynamodb_table.incidents.name
        ENRICH_TIME = var.enrich_time
      },
      { for name in ["VERDICT_BUS"] : name => var.verdict_bus if var.verdict_bus != "" },
    )

    # What its alarms say and allow.
    late              = "stops are judged late, and so are alerts"
    throttled         = "Batches of task-monitor are turned away; the account's concurrency is used up."
    throttles_allowed = 0
    without_ticks     = "digests, recoveries and cluster-wide alerts"
  }

  task_monitor_statements = concat(
    [
      {
        Sid      = "RememberIncidents"
        Effect   = "Allow"
        Action   = ["dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"]
        Resource = aws_dynamodb_table.incidents.arn
      },
      {
        Sid      = "FindWhatIsDue"
        Effect   = "Allow"
        Action   = "dynamodb:Query"
        Resource = "${aws_dynamodb_table.incidents.arn}/index/due"
      },
      {
        Sid    = "LookUp"
        Effect = "Allow"
        Action = ["ecs:DescribeContainerInstances", "ecs:DescribeServices"]
        Resource = [
          "arn:${local.partition}:ecs:${local.here}:container-instance/*",
          "arn:${local.partition}:ecs:${local.here}:service/*",
        ]
      },
      # Neither action knows resources:
      # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
      # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
      {
        Sid      = "LookUpWhatHasNoResource"
        Effect   = "Allow"
        Action   = ["ecs:DescribeTaskDefinition", "cloudwatch:GetMetricData"]
        Resource = "*"
      },
      {
        Sid      = "QuoteLogs"
        Effect   = "Allow"
        Action   = "logs:GetLogEvents"
        Resource = "arn:${local.partition}:logs:${local.here}:log-group:${var.task_log_groups}:log-stream:*"
      },
    ],
    [for bus in [var.verdict_bus] : {
      Sid      = "PutVerdictsOnTheBus"
      Effect   = "Allow"
      Action   = "events:PutEvents"
      Resource = "arn:${local.partition}:events:${local.here}:event-bus/${bus}"
    } if bus != ""],
  )
}
