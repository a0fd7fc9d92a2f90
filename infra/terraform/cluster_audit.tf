# cluster-audit looks at every cluster each minute for what emits no event.

locals {
  cluster_audit = {
    description = "Looks at every cluster each minute for what emits no event, and alerts on what lasts"
    timeout     = 60
    # One at a time: the share of ECS's read allowance belongs to one process.
    reserved_concurrency = 1
    # The least there is; the reserved concurrency is what holds.
    maximum_concurrency = 2
    # The next tick looks anew: one that is an hour old helps nobody.
    message_retention = 3600
    # Not below the timeout.
    visibility_timeout = 90

    environment = merge(
      {
        ALERT_TABLE        = aws_dynamodb_table.incidents.name
        AUDIT_READ_PERCENT = tostring(var.audit_read_percent)
      },
      { for name in ["AUDIT_CLUSTERS"] : name => join(",", var.audit_cluster_arns) if length(var.audit_cluster_arns) > 0 },
      { for name in ["VERDICT_BUS"] : name => var.verdict_bus if var.verdict_bus != "" },
    )

    # What its alarms say and allow.
    late              = "clusters are looked at late, and so are alerts"
    throttled         = "cluster-audit is turned away for minutes, more than its pollers at a concurrency of one explain."
    throttles_allowed = 30
    without_ticks     = "looks at clusters"
  }

  audit_clusters = length(var.audit_cluster_arns) > 0 ? var.audit_cluster_arns : ["arn:${local.partition}:ecs:${local.here}:cluster/*"]

  cluster_audit_statements = concat(
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
      # None of these actions knows resources:
      # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html
      # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
      {
        Sid      = "SeeWhatHasNoResource"
        Effect   = "Allow"
        Action   = ["autoscaling:DescribeAutoScalingInstances", "ecs:ListClusters"]
        Resource = "*"
      },
      {
        Sid      = "SeeClusters"
        Effect   = "Allow"
        Action   = ["ecs:DescribeClusters", "ecs:ListContainerInstances"]
        Resource = local.audit_clusters
      },
      # The action knows no resources, but the cluster:
      # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
      {
        Sid       = "FindServices"
        Effect    = "Allow"
        Action    = "ecs:ListServices"
        Resource  = "*"
        Condition = { ArnLike = { "ecs:cluster" = local.audit_clusters } }
      },
      {
        Sid    = "SeeWhatIsInThem"
        Effect = "Allow"
        Action = ["ecs:DescribeContainerInstances", "ecs:DescribeServices", "ecs:ListTasks", "ecs:DescribeTasks"]
        Resource = [
          "arn:${local.partition}:ecs:${local.here}:container-instance/*",
          "arn:${local.partition}:ecs:${local.here}:service/*",
          "arn:${local.partition}:ecs:${local.here}:task/*",
        ]
        Condition = { ArnLike = { "ecs:cluster" = local.audit_clusters } }
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
