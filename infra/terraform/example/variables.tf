variable "region" {
  description = "The region to watch."
  type        = string
  default     = "eu-west-1"
}

variable "alert_email" {
  description = "An address that gets every alert, once it has confirmed the subscription. Empty for none."
  type        = string
  default     = ""
}

variable "groups" {
  description = "The Auto Scaling groups whose instances are drained, by name, with the cluster their instances join and what becomes of an instance when nobody answers."
  type = map(object({
    cluster_arn    = string
    default_result = optional(string, "ABANDON")
  }))
  default = {}
}
