resource "aws_ecs_cluster" "this" {
  count = var.cluster.create != null ? 1 : 0

  name = var.cluster.name

  setting {
    name  = "containerInsights"
    value = var.cluster.create.container_insights
  }

  dynamic "service_connect_defaults" {
    for_each = var.cluster.create.service_connect_namespace[*]

    content {
      namespace = service_connect_defaults.value
    }
  }

  tags = var.tags
}

resource "aws_ecs_capacity_provider" "ec2" {
  count = try(var.cluster.create.ec2_capacity_provider, null) != null ? 1 : 0

  name = var.cluster.create.ec2_capacity_provider.name

  auto_scaling_group_provider {
    auto_scaling_group_arn         = var.cluster.create.ec2_capacity_provider.auto_scaling_group_arn
    managed_termination_protection = var.cluster.create.ec2_capacity_provider.managed_termination_protection ? "ENABLED" : "DISABLED"
    managed_draining               = var.cluster.create.ec2_capacity_provider.managed_draining ? "ENABLED" : "DISABLED"

    managed_scaling {
      status                    = var.cluster.create.ec2_capacity_provider.managed_scaling ? "ENABLED" : "DISABLED"
      target_capacity           = var.cluster.create.ec2_capacity_provider.target_capacity_percent
      minimum_scaling_step_size = var.cluster.create.ec2_capacity_provider.minimum_scaling_step
      maximum_scaling_step_size = var.cluster.create.ec2_capacity_provider.maximum_scaling_step
      instance_warmup_period    = var.cluster.create.ec2_capacity_provider.instance_warmup_seconds
    }
  }

  tags = var.tags
}

# ECS sets a cluster's capacity providers as one whole list. That is why a given cluster
# is left alone: its list may hold providers that other services depend on.
resource "aws_ecs_cluster_capacity_providers" "this" {
  count = length(try(var.cluster.create.capacity_providers, [])) > 0 ? 1 : 0

  cluster_name       = aws_ecs_cluster.this[0].name
  capacity_providers = var.cluster.create.capacity_providers

  # The list goes by names, which do not make Terraform wait.
  depends_on = [aws_ecs_capacity_provider.ec2]
}

locals {
  cluster_arn = var.cluster.arn != null ? var.cluster.arn : aws_ecs_cluster.this[0].arn
}
