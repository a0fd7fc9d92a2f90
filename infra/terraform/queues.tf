# A queue for each function, and what it gives up: records that failed too often, what EventBridge could not deliver,
# and what an asynchronous call lost. All of it can be moved to the queue as it is.

resource "aws_sqs_queue" "events" {
  for_each = local.functions

  name                       = "${var.name}-${each.key}"
  sqs_managed_sse_enabled    = true
  message_retention_seconds  = each.value.message_retention
  visibility_timeout_seconds = each.value.visibility_timeout

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters[each.key].arn
    # A poller that is turned away counts as a receive too.
    maxReceiveCount = 10
  })
}

resource "aws_sqs_queue" "dead_letters" {
  for_each = local.functions

  name                      = "${var.name}-${each.key}-dead"
  sqs_managed_sse_enabled   = true
  message_retention_seconds = 1209600
}

locals {
  # Every queue of both kinds by name, with its function's policy.
  queue_policies = merge([
    for name in keys(local.functions) : {
      "${name}"      = { function = name, queue_url = aws_sqs_queue.events[name].url }
      "${name}-dead" = { function = name, queue_url = aws_sqs_queue.dead_letters[name].url }
    }
  ]...)
}

resource "aws_sqs_queue_policy" "rules_send" {
  for_each = local.queue_policies

  queue_url = each.value.queue_url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "RulesOfThisStackSend"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = [aws_sqs_queue.events[each.value.function].arn, aws_sqs_queue.dead_letters[each.value.function].arn]
      Condition = { ArnLike = { "aws:SourceArn" = "arn:${local.partition}:events:${local.here}:rule/${var.name}-*" } }
    }]
  })
}
