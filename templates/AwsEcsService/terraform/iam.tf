locals {
  # Only ECS tasks of this account and region may take on the roles.
  task_trust_policy = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:ecs:${local.region}:${local.account_id}:*" }
      }
    }]
  }

  execution_role = var.roles.execution.create
  task_role      = var.roles.task.create

  # The statements a manifest adds, in the shape of a policy document.
  added_statements = {
    for name, role in { execution = local.execution_role, task = local.task_role } : name => [
      for statement in try(role.statements, []) : {
        for key, value in {
          Sid      = statement.sid
          Effect   = statement.effect
          Action   = statement.actions
          Resource = statement.resources
          Condition = length(statement.conditions) == 0 ? null : {
            for test in distinct(statement.conditions[*].test) : test => {
              for condition in statement.conditions : condition.variable => condition.values if condition.test == test
            }
          }
        } : key => value if value != null
      }
    ]
  }
}

# --- execution role: what ECS itself may do to start a task ---

locals {
  readable_secrets = concat(
    try(local.execution_role.secret_arns, []),
    [for secret in aws_secretsmanager_secret.this : secret.arn],
  )
  readable_parameters = concat(
    try(local.execution_role.parameter_arns, []),
    [for parameter in aws_ssm_parameter.this : parameter.arn],
  )
  # Counts decide whether a statement exists, and have to be known before the ARNs are.
  has_readable_secrets    = length(try(local.execution_role.secret_arns, [])) + length(local.secrets_manager_secrets) > 0
  has_readable_parameters = length(try(local.execution_role.parameter_arns, [])) + length(local.ssm_secrets) > 0

  execution_statements = concat(
    flatten([for role in local.execution_role[*] : [
      for entry in [
        {
          when = var.logging != null
          statement = {
            Sid      = "WriteLogs"
            Effect   = "Allow"
            Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
            Resource = ["${coalesce(local.log_group_arn, "none")}:log-stream:*"]
          }
        },
        {
          when = length(role.ecr_repository_arns) > 0
          statement = {
            Sid      = "LogInToRegistry" # takes no resource
            Effect   = "Allow"
            Action   = ["ecr:GetAuthorizationToken"]
            Resource = ["*"]
          }
        },
        {
          when = length(role.ecr_repository_arns) > 0
          statement = {
            Sid      = "PullImages"
            Effect   = "Allow"
            Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
            Resource = role.ecr_repository_arns
          }
        },
        {
          when = local.has_readable_secrets
          statement = {
            Sid      = "ReadSecrets"
            Effect   = "Allow"
            Action   = ["secretsmanager:GetSecretValue"]
            Resource = local.readable_secrets
          }
        },
        {
          when = local.has_readable_parameters
          statement = {
            Sid      = "ReadParameters"
            Effect   = "Allow"
            Action   = ["ssm:GetParameters"]
            Resource = local.readable_parameters
          }
        },
        {
          when = length(role.env_file_arns) > 0
          statement = {
            Sid      = "ReadEnvironmentFiles"
            Effect   = "Allow"
            Action   = ["s3:GetObject"]
            Resource = role.env_file_arns
          }
        },
        {
          when = length(role.env_file_arns) > 0
          statement = {
            Sid      = "LocateEnvironmentFiles"
            Effect   = "Allow"
            Action   = ["s3:GetBucketLocation"]
            Resource = distinct([for arn in role.env_file_arns : split("/", arn)[0]])
          }
        },
        {
          when = length(role.kms_key_arns) > 0
          statement = {
            Sid      = "Decrypt"
            Effect   = "Allow"
            Action   = ["kms:Decrypt"]
            Resource = role.kms_key_arns
          }
        },
      ] : entry.statement if entry.when
    ]]),
    local.added_statements.execution,
  )
}

resource "aws_iam_role" "execution" {
  count = local.execution_role != null ? 1 : 0

  name                 = local.execution_role.name
  description          = "ECS starts tasks of ${var.service.name} with it"
  assume_role_policy   = jsonencode(local.task_trust_policy)
  permissions_boundary = var.roles.permissions_boundary_arn

  tags = var.tags
}

resource "aws_iam_role_policy" "execution" {
  count = length(local.execution_statements) > 0 ? 1 : 0

  name   = "start-tasks"
  role   = aws_iam_role.execution[0].id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.execution_statements })
}

resource "aws_iam_role_policy_attachment" "execution" {
  for_each = toset(try(local.execution_role.managed_policy_arns, []))

  role       = aws_iam_role.execution[0].name
  policy_arn = each.value
}

# --- task role: what the application may do ---

locals {
  task_statements = concat(
    flatten([for role in local.task_role[*] : [
      for when in role.execute_command ? [true] : [] : {
        Sid    = "ExecuteCommand" # these take no resource
        Effect = "Allow"
        Action = [
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ]
        Resource = ["*"]
      }
    ]]),
    flatten([for role in local.task_role[*] : [
      for efs in role.efs : {
        for key, value in {
          Effect   = "Allow"
          Action   = concat(["elasticfilesystem:ClientMount"], efs.write ? ["elasticfilesystem:ClientWrite"] : [])
          Resource = ["arn:${local.partition}:elasticfilesystem:${local.region}:${local.account_id}:file-system/${efs.file_system_id}"]
          Condition = efs.access_point_id == null ? null : {
            StringEquals = {
              "elasticfilesystem:AccessPointArn" = "arn:${local.partition}:elasticfilesystem:${local.region}:${local.account_id}:access-point/${efs.access_point_id}"
            }
          }
        } : key => value if value != null
      }
    ]]),
    local.added_statements.task,
  )
}

resource "aws_iam_role" "task" {
  count = local.task_role != null ? 1 : 0

  name                 = local.task_role.name
  description          = "Tasks of ${var.service.name} run with it"
  assume_role_policy   = jsonencode(local.task_trust_policy)
  permissions_boundary = var.roles.permissions_boundary_arn

  tags = var.tags
}

resource "aws_iam_role_policy" "task" {
  count = length(local.task_statements) > 0 ? 1 : 0

  name   = "application"
  role   = aws_iam_role.task[0].id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.task_statements })
}

resource "aws_iam_role_policy_attachment" "task" {
  for_each = toset(try(local.task_role.managed_policy_arns, []))

  role       = aws_iam_role.task[0].name
  policy_arn = each.value
}

locals {
  execution_role_arn = local.execution_role != null ? aws_iam_role.execution[0].arn : var.roles.execution.arn
  task_role_arn      = local.task_role != null ? aws_iam_role.task[0].arn : var.roles.task.arn
}
