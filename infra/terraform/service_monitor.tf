# service-monitor judges what ECS says of services and deployments, and groups it with the stops of their tasks.

locals {
  service_monitor = {
    description          = "Judges what ECS says of services and deployments, and alerts on trouble"
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

    # What its alarms say and allow. It has no tick: digests and recoveries are told by task-monitor.
    late              = "deployments and placements are judged late, and so are alerts"
    throttled         = "Batches of service-monitor are turned away; the account's concurrency is used up."
    throttles_allowed = 0
    without_ticks     = null
  }

  service_monitor_statements = concat(
    [
      # Incidents end at the tick, which is task-monitor's.
      {
        Sid      = "RememberIncidents"
        Effect   = "Allow"
        Action   = ["dynamodb:BatchGetItem", "dynamodb:PutItem"]
        Resource = aws_dynamodb_table.incidents.arn
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
