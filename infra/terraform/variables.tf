# The parameters of infra/template.yaml by name, default and what they take; `name` stands for the stack's name, and
# `packages` for what `sam deploy` uploads. A null is the default.

variable "name" {
  description = "What all names begin with; a second copy in one region needs another, and another metrics_namespace."
  type        = string
  default     = "ecs-steward"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9-]{0,28}$", var.name))
    error_message = "The name must be 1 to 29 letters, digits and dashes, with a letter first."
  }
}

variable "packages" {
  description = "The folder with a zip for each function, task-monitor.zip and instance-drain.zip, as `make package` leaves it."
  type        = string
  nullable    = false

  validation {
    condition     = alltrue([for name in ["task-monitor", "instance-drain", "instance-protection", "cluster-audit"] : fileexists("${var.packages}/${name}.zip")])
    error_message = "The folder must hold task-monitor.zip and instance-drain.zip; `make package` makes them."
  }
}

# ---- Who is told ----

variable "alert_email" {
  description = "An address that gets every alert by e-mail, once it has confirmed the subscription. Empty for none."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.alert_email))
    error_message = "The value must be an e-mail address, or empty."
  }
}

variable "https_body" {
  description = "What HTTPS subscribers get; chat is for Amazon Q Developer in chat applications."
  type        = string
  default     = "json"
  nullable    = false

  validation {
    condition     = contains(["json", "chat"], var.https_body)
    error_message = "The value must be json or chat."
  }
}

variable "route_topic_arns" {
  description = "ARNs of the topics that a [[route]] of the policy names. Empty for none."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.route_topic_arns : can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", arn))])
    error_message = "The values must be ARNs of standard topics."
  }
}

variable "alarm_topic_arn" {
  description = "A topic for the CloudWatch alarms about ecs-steward itself. Empty for the topic of the alerts."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", var.alarm_topic_arn))
    error_message = "The value must be the ARN of a standard topic, or empty."
  }
}

variable "verdict_bus" {
  description = "The name of an EventBridge bus of this account and region that gets every verdict as an event. Empty for none."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^[A-Za-z0-9._/-]{1,256}$", var.verdict_bus))
    error_message = "The value must be the name of an event bus, or empty."
  }
}

# ---- Which instances are drained ----

variable "drain_hooks" {
  description = "Which lifecycle hooks instance-drain answers, by name; * stands for any characters. Others are left alone."
  type        = string
  default     = "ecs-steward*"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_/-]+\\*?$", var.drain_hooks))
    error_message = "The value must be a name, with or without a * at its end."
  }
}

variable "drain_group_names" {
  description = "Which Auto Scaling groups' hooks instance-drain may complete, by name; * stands for any characters."
  type        = string
  default     = "*"
  nullable    = false

  validation {
    condition     = can(regex("^[\\x20-\\x39\\x3b-\\x7e]{1,255}$", var.drain_group_names))
    error_message = "The value must be a name or a pattern, without a colon."
  }
}

variable "protect_group_names" {
  description = "Which Auto Scaling groups' instances instance-protection may protect, by name; * stands for any characters. The policy says whether it does."
  type        = string
  default     = "*"
  nullable    = false

  validation {
    condition     = can(regex("^[\\x20-\\x39\\x3b-\\x7e]{1,255}$", var.protect_group_names))
    error_message = "The value must be a name or a pattern, without a colon."
  }
}

variable "drain_cluster_arns" {
  description = "ARNs of the clusters whose instances are drained. Empty for all of the account and region. Name every cluster whose groups have our hook; an instance of any other is let go with its tasks."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.drain_cluster_arns : can(regex("^arn:[a-z-]+:ecs:[a-z0-9-]+:[0-9]{12}:cluster/[A-Za-z0-9_-]+$", arn))])
    error_message = "The values must be ARNs of clusters."
  }
}

variable "drain_on_stopped_tasks" {
  description = "Whether instance-drain hears of stopped tasks too, so that a drain ends within seconds of its last one."
  type        = bool
  default     = true
  nullable    = false
}

variable "collect_host_logs" {
  description = "Whether instance-drain and instance-monitor may run the logs collector on instances of the groups that may be drained, as root, by Systems Manager; the policy's [collect-logs] says when and where to."
  type        = bool
  default     = false
  nullable    = false
}

# ---- What is looked at ----

variable "volume_cluster_arns" {
  description = "ARNs of the clusters whose instances' volumes volume-monitor looks at. Empty for all of the account and region."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.volume_cluster_arns : can(regex("^arn:[a-z-]+:ecs:[a-z0-9-]+:[0-9]{12}:cluster/[A-Za-z0-9_-]+$", arn))])
    error_message = "The values must be ARNs of clusters."
  }
}

variable "audit_cluster_arns" {
  description = "ARNs of the clusters that cluster-audit looks at. Empty for all of the account and region."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.audit_cluster_arns : can(regex("^arn:[a-z-]+:ecs:[a-z0-9-]+:[0-9]{12}:cluster/[A-Za-z0-9_-]+$", arn))])
    error_message = "The values must be ARNs of clusters."
  }
}

variable "audit_read_percent" {
  description = "The share of what ECS lets an account read that cluster-audit reads with, in percent."
  type        = number
  default     = 95
  nullable    = false

  validation {
    condition     = var.audit_read_percent >= 1 && var.audit_read_percent <= 100
    error_message = "The value must be from 1 to 100."
  }
}

# ---- What alerts may look up ----

variable "enrich_time" {
  description = "What looking up the context of one alert may take; 0s looks nothing up."
  type        = string
  default     = "2s"
  nullable    = false

  validation {
    condition     = can(regex("^([0-9]|10)s$", var.enrich_time))
    error_message = "The value must be 0s to 10s."
  }
}

variable "task_log_groups" {
  description = "Which log groups alerts may quote the last lines from, by name; * stands for any characters."
  type        = string
  default     = "*"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_/.#*-]{1,512}$", var.task_log_groups))
    error_message = "The value must be the name of a log group or a pattern."
  }
}

# ---- The functions ----

variable "architecture" {
  description = "What the functions were built for."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The value must be arm64 or x86_64."
  }
}

variable "function_memory" {
  description = "Memory of a function in MB; its share of a core grows with it."
  type        = number
  default     = 128
  nullable    = false

  validation {
    condition     = var.function_memory >= 128 && var.function_memory <= 10240
    error_message = "The value must be 128 to 10240."
  }
}

variable "maximum_concurrency" {
  description = "How many batches of events task-monitor, and as many service-monitor and instance-monitor, judge at the same time."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.maximum_concurrency >= 2 && var.maximum_concurrency <= 1000
    error_message = "The value must be 2 to 1000."
  }
}

variable "metrics" {
  description = "How metrics reach CloudWatch; emf through the log, api by calls of PutMetricData."
  type        = string
  default     = "emf"
  nullable    = false

  validation {
    condition     = contains(["emf", "api"], var.metrics)
    error_message = "The value must be emf or api."
  }
}

variable "metrics_namespace" {
  description = "The CloudWatch namespace of the metrics; a second stack in one region needs another."
  type        = string
  default     = "ecs-steward"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_./#-]{1,255}$", var.metrics_namespace))
    error_message = "The value must be 1 to 255 letters, digits and . - _ / #"
  }
}

variable "log_level" {
  description = "What the functions log; at info one line for each record."
  type        = string
  default     = "info"
  nullable    = false

  validation {
    condition     = contains(["error", "warn", "info"], var.log_level)
    error_message = "The value must be error, warn or info."
  }
}

variable "log_retention_days" {
  description = "Days the functions' logs are kept."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "The value must be a number of days that CloudWatch Logs knows, such as 90 or 365."
  }
}
