# Watches a region, and drains the instances of two groups. From the root of the repository:
#
#     make package ARCH=arm64
#     terraform -chdir=infra/terraform/example init
#     terraform -chdir=infra/terraform/example apply -var alert_email=ops@example.com

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0, < 7.0"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { Application = "ecs-steward" }
  }
}

module "ecs_steward" {
  source = "../"

  packages     = "${path.module}/../../../target/lambda/deploy"
  architecture = "arm64"
  alert_email  = var.alert_email

  # The clusters of the groups below. Without it instances of every cluster may be drained.
  drain_cluster_arns = distinct([for group in var.groups : group.cluster_arn])
}

# A group's instances are drained from here on, so the functions have to be there.
module "hook" {
  source     = "../hook/"
  for_each   = var.groups
  depends_on = [module.ecs_steward]

  auto_scaling_group_name = each.key
  cluster_name            = each.value.cluster_arn
  default_result          = each.value.default_result
}
