# The topic of the alerts. Its key is ours, since CloudWatch alarms cannot use the one AWS manages for SNS.

locals {
  # What the key and the topic allow CloudWatch.
  alarms_are_published = {
    Sid       = "AlarmsArePublished"
    Effect    = "Allow"
    Principal = { Service = "cloudwatch.amazonaws.com" }
    Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
  }
}

resource "aws_kms_key" "alerts" {
  description             = "Encrypts the alerts of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 7

  # In a key's policy * is the key itself:
  # https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
  # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TheAccountDecides"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      merge(local.alarms_are_published, { Action = ["kms:Decrypt", "kms:GenerateDataKey*"], Resource = "*" }),
    ]
  })
}

resource "aws_sns_topic" "alerts" {
  name              = "${var.name}-alerts"
  display_name      = "ecs-steward"
  kms_master_key_id = aws_kms_key.alerts.arn
}

resource "aws_sns_topic_policy" "alerts" {
  arn = aws_sns_topic.alerts.arn

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [merge(local.alarms_are_published, { Action = "sns:Publish", Resource = aws_sns_topic.alerts.arn })]
  })
}

resource "aws_sns_topic_subscription" "email" {
  count = var.alert_email == "" ? 0 : 1

  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "email"
  endpoint  = var.alert_email
}
