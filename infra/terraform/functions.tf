# The functions with their roles, logs and event sources. What is one function's own is in its own file.

locals {
  functions = {
    "task-monitor"     = local.task_monitor
    "service-monitor"  = local.service_monitor
    "volume-monitor"   = local.volume_monitor
    "instance-monitor" = local.instance_monitor
    "instance-drain"   = local.instance_drain

    "instance-protection" = local.instance_protection
    "cluster-audit"       = local.cluster_audit
  }

  own_statements = {
    "task-monitor"     = local.task_monitor_statements
    "service-monitor"  = local.service_monitor_statements
    "volume-monitor"   = local.volume_monitor_statements
    "instance-monitor" = local.instance_monitor_statements
    "instance-drain"   = local.instance_drain_statements

    "instance-protection" = local.instance_protection_statements
    "cluster-audit"       = local.cluster_audit_statements
  }

  # What a function may do because of a variable.
  optional_statements = concat(
    [for topics in [var.route_topic_arns] : {
      Sid      = "TellRoutes"
      Effect   = "Allow"
      Action   = "sns:Publish"
      Resource = topics
    } if length(topics) > 0],
    # The action knows no resources, but the namespace:
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
    [for metrics in [var.metrics] : {
      Sid       = "Count"
      Effect    = "Allow"
      Action    = "cloudwatch:PutMetricData"
      Resource  = "*"
      Condition = { StringEquals = { "cloudwatch:namespace" = var.metrics_namespace } }
    } if metrics == "api"],
  )
}

resource "aws_cloudwatch_log_group" "function" {
  # checkov:skip=CKV_AWS_158:CloudWatch Logs encrypts with its own key; the log holds no secrets, since texts are redacted.
  # checkov:skip=CKV_AWS_338:How long logs are kept is a variable; 90 days are enough to ask why somebody was told.
  for_each = local.functions

  name              = "/aws/lambda/${var.name}-${each.key}"
  retention_in_days = var.log_retention_days
}

resource "aws_iam_role" "function" {
  for_each = local.functions

  # Roles belong to all regions of an account.
  name        = "${var.name}-${each.key}-${local.region}"
  description = "What ${each.key} may do"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "function" {
  for_each = local.functions

  name = each.key
  role = aws_iam_role.function[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid      = "Log"
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = "${aws_cloudwatch_log_group.function[each.key].arn}:*"
        },
        {
          Sid      = "TakeFromTheQueue"
          Effect   = "Allow"
          Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
          Resource = aws_sqs_queue.events[each.key].arn
        },
        {
          Sid      = "GiveUp"
          Effect   = "Allow"
          Action   = "sqs:SendMessage"
          Resource = aws_sqs_queue.dead_letters[each.key].arn
        },
        {
          Sid      = "Tell"
          Effect   = "Allow"
          Action   = "sns:Publish"
          Resource = aws_sns_topic.alerts.arn
        },
        {
          Sid      = "TellEncrypted"
          Effect   = "Allow"
          Action   = ["kms:Decrypt", "kms:GenerateDataKey*"]
          Resource = aws_kms_key.alerts.arn
          Condition = { StringEquals = { "kms:ViaService" = [
            "sns.${local.region}.amazonaws.com",
            "sns.${local.region}.${data.aws_partition.current.dns_suffix}",
          ] } }
        },
      ],
      local.own_statements[each.key],
      local.optional_statements,
    )
  })
}

resource "aws_lambda_function" "function" {
  # checkov:skip=CKV_AWS_50:No tracing; each record is a log line, and X-Ray would need a permission without a resource.
  # checkov:skip=CKV_AWS_117:No VPC; the functions call public endpoints of AWS only, and a VPC would need a NAT to page.
  # checkov:skip=CKV_AWS_173:The environment holds names and settings, no secrets.
  # checkov:skip=CKV_AWS_272:The packages are built from this repository by who deploys them; signing needs a profile of theirs.
  for_each = local.functions

  function_name                  = "${var.name}-${each.key}"
  description                    = each.value.description
  role                           = aws_iam_role.function[each.key].arn
  runtime                        = "provided.al2023"
  handler                        = "bootstrap"
  architectures                  = [var.architecture]
  memory_size                    = var.function_memory
  timeout                        = each.value.timeout
  reserved_concurrent_executions = each.value.reserved_concurrency
  filename                       = "${var.packages}/${each.key}.zip"
  source_code_hash               = filebase64sha256("${var.packages}/${each.key}.zip")

  environment {
    variables = merge(
      {
        ALERT_TOPIC_ARN   = aws_sns_topic.alerts.arn
        POLICY_FILE       = "policy.toml"
        HTTPS_BODY        = var.https_body
        METRICS           = var.metrics
        METRICS_NAMESPACE = var.metrics_namespace
        LOG_LEVEL         = var.log_level
      },
      each.value.environment,
    )
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.function[each.key].name
  }

  dead_letter_config {
    target_arn = aws_sqs_queue.dead_letters[each.key].arn
  }

  # Lambda tries the role on the two queues when it makes the function and its event source.
  depends_on = [aws_iam_role_policy.function]
}

resource "aws_lambda_event_source_mapping" "queue" {
  for_each = local.functions

  event_source_arn                   = aws_sqs_queue.events[each.key].arn
  function_name                      = aws_lambda_function.function[each.key].arn
  batch_size                         = 10
  maximum_batching_window_in_seconds = 1
  function_response_types            = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = each.value.maximum_concurrency
  }
}
