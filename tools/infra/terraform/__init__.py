"""What terraform_check.py holds the Terraform module of infra/terraform against."""
