# What reaches the functions, through their queues.

locals {
  rules = {
    # Everything but the states that are known not to be the last: what is missing or new is judged.
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
    "task-stopped" = {
      description = "Tasks that stopped, to task-monitor"
      wanted      = true
      functions   = ["task-monitor"]
      schedule    = null
      pattern = jsonencode({
        source      = ["aws.ecs"]
        detail-type = ["ECS Task State Change"]
        detail = {
          lastStatus = [
            { anything-but = ["PROVISIONING", "PENDING", "ACTIVATING", "RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING"] },
            { exists = false },
          ]
        }
      })
    }

    # A filter looks at all containers at once, so one that ended well passes too, and the function is quiet about it.
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-arrays.html
    "container-exited" = {
      description = "Tasks that run on without one of their containers, to task-monitor"
      wanted      = true
      functions   = ["task-monitor"]
      schedule    = null
      pattern = jsonencode({
        source      = ["aws.ecs"]
        detail-type = ["ECS Task State Change"]
        detail = {
          lastStatus = ["PENDING", "ACTIVATING", "RUNNING"]
          desiredStatus = [
            { anything-but = ["STOPPED"] },
            { exists = false },
          ]
          containers = { lastStatus = ["STOPPED"] }
        }
      })
    }

    # Everything but what is quiet and nobody acts on: what is missing or new is judged, and a steady service ends its
    # incidents. The type is no filter, for AWS calls some trouble INFO.
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html
    "service-actions" = {
      description = "What ECS says of services and daemons, to service-monitor"
      wanted      = true
      functions   = ["service-monitor"]
      schedule    = null
      pattern = jsonencode({
        source      = ["aws.ecs"]
        detail-type = ["ECS Service Action", "ECS Daemon Service Action"]
        detail = {
          eventName = [
            { anything-but = ["TASKSET_STEADY_STATE", "CAPACITY_PROVIDER_STEADY_STATE", "SERVICE_DESIRED_COUNT_UPDATED", "TASKS_STOPPED"] },
            { exists = false },
          ]
        }
      })
    }

    # All of them: only its reason tells a rollback from a deployment in progress.
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
    "deployments" = {
      description = "What becomes of deployments, to service-monitor"
      wanted      = true
      functions   = ["service-monitor"]
      schedule    = null
      pattern = jsonencode({
        source      = ["aws.ecs"]
        detail-type = ["ECS Deployment State Change", "ECS Daemon Deployment State Change", "ECS Hook State Change"]
      })
    }

    # All of them: one with its agent connected ends the alert of one that was not.
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_container_instance_events.html
    "container-instances" = {
      description = "What ECS says of container instances and their health, to instance-monitor"
      wanted      = true
      functions   = ["instance-monitor"]
      schedule    = null
      pattern = jsonencode({
        source      = ["aws.ecs"]
        detail-type = ["ECS Container Instance State Change", "ECS Container Instance Health Change"]
      })
    }

    # Where an end begins, for later nobody can say any more who ended it; and states nobody knows. A pattern cannot tell
    # container instances from others.
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html
    "instance-ends" = {
      description = "EC2 instances that begin to end, to instance-monitor"
      wanted      = true
      functions   = ["instance-monitor"]
      schedule    = null
      pattern = jsonencode({
        source      = ["aws.ec2"]
        detail-type = ["EC2 Instance State-change Notification"]
        detail = {
          state = [
            { anything-but = ["pending", "running", "stopped", "terminated"] },
            { exists = false },
          ]
        }
      })
    }

    "instance-spot" = {
      description = "Spot interruptions and rebalance recommendations, to instance-monitor"
      wanted      = true
      functions   = ["instance-monitor"]
      schedule    = null
      pattern = jsonencode({
        source      = ["aws.ec2"]
        detail-type = ["EC2 Spot Instance Interruption Warning", "EC2 Instance Rebalance Recommendation"]
      })
    }

    # https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html
    "health" = {
      description = "What AWS Health says of ECS and EC2, to instance-monitor"
      wanted      = true
      functions   = ["instance-monitor"]
      schedule    = null
      pattern = jsonencode({
        source      = ["aws.health"]
        detail-type = ["AWS Health Event"]
        detail      = { service = ["ECS", "EC2"] }
      })
    }

    "drain-terminations" = {
      description = "Terminations that a hook of ours holds, to instance-drain"
      wanted      = true
      functions   = ["instance-drain"]
      schedule    = null
      pattern = jsonencode({
        source      = ["aws.autoscaling"]
        detail-type = ["EC2 Instance-terminate Lifecycle Action"]
        detail      = { LifecycleHookName = [{ wildcard = var.drain_hooks }] }
      })
    }

    "drain-spot" = {
      description = "Spot interruption warnings, to instance-drain"
      wanted      = true
      functions   = ["instance-drain"]
      schedule    = null
      pattern = jsonencode({
        source      = ["aws.ec2"]
        detail-type = ["EC2 Spot Instance Interruption Warning"]
      })
    }

    "drain-instances" = {
      description = "Container instances that are DRAINING, to instance-drain"
      wanted      = true
      functions   = ["instance-drain"]
      schedule    = null
      pattern = jsonencode({
        source      = ["aws.ecs"]
        detail-type = ["ECS Container Instance State Change"]
        detail      = { status = ["DRAINING"] }
      })
    }

    "drain-tasks" = {
      description = "Tasks that stopped on an instance, to instance-drain, which may wait for the last one"
      wanted      = var.drain_on_stopped_tasks
      functions   = ["instance-drain"]
      schedule    = null
      pattern = jsonencode({
        source      = ["aws.ecs"]
        detail-type = ["ECS Task State Change"]
        detail = {
          lastStatus           = ["STOPPED"]
          containerInstanceArn = [{ exists = true }]
        }
      })
    }

    "tick" = {
      description = "The minute tick, for digests, recoveries, heartbeats, deadlines, protection and the audit"
      wanted      = true
      functions   = ["task-monitor", "instance-drain", "instance-protection", "cluster-audit"]
      schedule    = "rate(1 minute)"
      pattern     = null
    }

    # A rule as the minute's tick is: its target is the queue. CloudWatch has a value of a volume for each five minutes.
    "volume-tick" = {
      description = "Each five minutes, for a look at volumes, to volume-monitor"
      wanted      = true
      functions   = ["volume-monitor"]
      schedule    = "rate(5 minutes)"
      pattern     = null
    }
  }

  rules_wanted = { for name, rule in local.rules : name => rule if rule.wanted }

  # Which function hears of which rule.
  targets = merge([
    for name, rule in local.rules_wanted : {
      for function in rule.functions : "${name}/${function}" => { rule = name, function = function }
    }
  ]...)
}

resource "aws_cloudwatch_event_rule" "rule" {
  for_each = local.rules_wanted

  name                = "${var.name}-${each.key}"
  description         = each.value.description
  event_pattern       = each.value.pattern
  schedule_expression = each.value.schedule
}

resource "aws_cloudwatch_event_target" "queue" {
  for_each = local.targets

  rule      = aws_cloudwatch_event_rule.rule[each.value.rule].name
  target_id = each.value.function
  arn       = aws_sqs_queue.events[each.value.function].arn

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters[each.value.function].arn
  }

  # An event that comes before the queue may be sent to would be lost.
  depends_on = [aws_sqs_queue_policy.rules_send]
}
