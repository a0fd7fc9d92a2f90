# The incidents. What is lost with the table is who was told what.

resource "aws_dynamodb_table" "incidents" {
  # checkov:skip=CKV_AWS_119:Encrypted with DynamoDB's own key; a key of ours would cost a call of KMS in front of an alert.
  name         = "${var.name}-incidents"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "open"
    type = "S"
  }

  attribute {
    name = "due"
    type = "N"
  }

  # Newer providers call these two keys deprecated and know `key_schema`; 6.0 knows these two only.
  global_secondary_index {
    name            = "due"
    hash_key        = "open"
    range_key       = "due"
    projection_type = "KEYS_ONLY"
  }

  ttl {
    attribute_name = "expires"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }
}
