# Where this is, and how ARNs begin here.

data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

locals {
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region
  account   = data.aws_caller_identity.current.account_id

  # What stands after the service: "arn:aws:ecs" and then this.
  here = "${local.region}:${local.account}"

  # https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html
  consoles = {
    "aws"        = "console.aws.amazon.com"
    "aws-cn"     = "console.amazonaws.cn"
    "aws-us-gov" = "console.amazonaws-us-gov.com"
  }
}
