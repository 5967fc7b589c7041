resource "aws_cloudwatch_log_group" "this" {
  count = try(var.logging.create, null) != null ? 1 : 0

  name              = var.logging.group_name
  retention_in_days = var.logging.create.retention_days
  kms_key_id        = var.logging.create.kms_key_arn

  tags = var.tags

  lifecycle {
    # A group that is given up goes after the tasks that write to it.
    create_before_destroy = true
  }
}

locals {
  log_group_arn = one([
    for logging in var.logging[*] :
    logging.create != null
    ? aws_cloudwatch_log_group.this[0].arn
    : "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:${logging.group_name}"
  ])
}
