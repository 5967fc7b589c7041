# Values pass through write-only attributes. Terraform writes one again when its revision,
# a fingerprint of the value, is another.

locals {
  secrets_manager_secrets = { for key, secret in var.secrets : key => secret if secret.store == "SECRETS_MANAGER" }
  ssm_secrets             = { for key, secret in var.secrets : key => secret if secret.store == "SSM" }
}

resource "aws_secretsmanager_secret" "this" {
  for_each = local.secrets_manager_secrets

  name                    = each.value.name
  description             = "${each.key} of ECS service ${var.service.name}"
  kms_key_id              = each.value.kms_key_arn
  recovery_window_in_days = each.value.recovery_window_days

  tags = var.tags
}

resource "aws_secretsmanager_secret_version" "this" {
  for_each = local.secrets_manager_secrets

  secret_id                = aws_secretsmanager_secret.this[each.key].id
  secret_string_wo         = var.secret_values[each.key]
  secret_string_wo_version = each.value.revision

  lifecycle {
    # Running tasks name the version they were started with; it keeps its stage until
    # the service has moved on.
    create_before_destroy = true
  }
}

resource "aws_ssm_parameter" "this" {
  for_each = local.ssm_secrets

  name             = each.value.name
  description      = "${each.key} of ECS service ${var.service.name}"
  type             = "SecureString"
  key_id           = each.value.kms_key_arn
  value_wo         = var.secret_values[each.key]
  value_wo_version = each.value.revision

  tags = var.tags
}

locals {
  # A Secrets Manager secret is pinned to its version: a new value is a new task
  # definition, which rolls the tasks. ECS has no such form for SSM parameters; there
  # a Docker label with the revisions does it.
  created_secrets = merge(
    { for key, version in aws_secretsmanager_secret_version.this : key => "${version.arn}:::${version.version_id}" },
    { for key, parameter in aws_ssm_parameter.this : key => parameter.arn },
  )
}
