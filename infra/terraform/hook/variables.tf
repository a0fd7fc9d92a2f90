# The parameters of infra/hook.yaml by name, default and what they take. A null is the default.

variable "auto_scaling_group_name" {
  description = "The name of the Auto Scaling group, which exists."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[\\x20-\\x39\\x3b-\\x7e]{1,255}$", var.auto_scaling_group_name))
    error_message = "The value must be the name of an Auto Scaling group, not its ARN."
  }
}

variable "cluster_name" {
  description = "The ECS cluster that the group's instances join, by name or ARN."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^(arn:[a-z-]+:ecs:[a-z0-9-]+:[0-9]{12}:cluster/)?[A-Za-z0-9_-]{1,255}$", var.cluster_name))
    error_message = "The value must be the name or the ARN of a cluster."
  }
}

variable "hook_name" {
  description = "Must fit the variable drain_hooks of ecs-steward's own module, ecs-steward* by default. Renaming makes a new hook."
  type        = string
  default     = "ecs-steward"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_/-]{1,255}$", var.hook_name))
    error_message = "The value must be 1 to 255 letters, digits and - _ /"
  }
}

variable "heartbeat_timeout" {
  description = "Seconds after which Auto Scaling ends the hook unless it hears from us, which it does about every minute. The longest drain is 100 times as long, and 48 hours at most."
  type        = number
  default     = 3600
  nullable    = false

  validation {
    condition     = var.heartbeat_timeout >= 300 && var.heartbeat_timeout <= 7200
    error_message = "The value must be 300 to 7200."
  }
}

variable "default_result" {
  description = "What becomes of an instance when nobody answers. ABANDON keeps it if the group retains (see the output retain_command), and else ends it without asking other hooks; CONTINUE ends it after the other hooks."
  type        = string
  default     = "ABANDON"
  nullable    = false

  validation {
    condition     = contains(["ABANDON", "CONTINUE"], var.default_result)
    error_message = "The value must be ABANDON or CONTINUE."
  }
}

variable "tag_group" {
  description = "Whether to tag the group with its cluster, for DRAIN_GROUPS=tagged and `steward drain --dry-run`. Not where an aws_autoscaling_group sets the group's tags: it would take the tag away again."
  type        = bool
  default     = false
  nullable    = false
}
