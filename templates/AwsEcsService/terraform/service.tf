locals {
  load_balancers = concat(
    [
      for alb in var.alb[*] : {
        target_group_arn = aws_lb_target_group.application[0].arn
        container_name   = alb.container_name
        container_port   = alb.container_port
      }
    ],
    [
      for key, listener in local.nlb_listeners : {
        target_group_arn = aws_lb_target_group.network[key].arn
        container_name   = listener.container_name
        container_port   = listener.container_port
      }
    ],
  )
}

# One block serves both the service whose count the manifest sets and the one whose count
# autoscaling owns. ignore_changes cannot depend on a variable, and with two blocks a
# service would be destroyed and made again when autoscaling is switched on. So the
# file overrides/desired_count_override.tf joins the module when there is autoscaling
# and adds ignore_changes to this very block: the address never changes.
resource "aws_ecs_service" "this" {
  name             = var.service.name
  cluster          = local.cluster_arn
  task_definition  = aws_ecs_task_definition.this.arn
  desired_count    = var.service.desired_count
  launch_type      = var.service.launch_type
  platform_version = var.service.platform_version

  deployment_minimum_healthy_percent = var.service.deployment.minimum_healthy_percent
  deployment_maximum_percent         = var.service.deployment.maximum_percent
  availability_zone_rebalancing      = var.service.deployment.availability_zone_rebalancing
  force_new_deployment               = var.service.deployment.force_new_deployment
  wait_for_steady_state              = var.service.deployment.wait_for_steady_state

  health_check_grace_period_seconds = var.service.health_check_grace_period_seconds
  enable_execute_command            = var.service.enable_execute_command
  enable_ecs_managed_tags           = var.service.enable_ecs_managed_tags
  propagate_tags                    = var.service.propagate_tags

  deployment_circuit_breaker {
    enable   = var.service.deployment.circuit_breaker.enabled
    rollback = var.service.deployment.circuit_breaker.rollback
  }

  dynamic "alarms" {
    for_each = var.service.deployment.alarms[*]

    content {
      enable      = true
      alarm_names = alarms.value.names
      rollback    = alarms.value.rollback
    }
  }

  dynamic "capacity_provider_strategy" {
    for_each = var.service.capacity_provider_strategy

    content {
      capacity_provider = capacity_provider_strategy.value.capacity_provider
      weight            = capacity_provider_strategy.value.weight
      base              = capacity_provider_strategy.value.base
    }
  }

  dynamic "network_configuration" {
    for_each = var.network.awsvpc ? [var.network] : []

    content {
      subnets          = network_configuration.value.subnets
      security_groups  = local.service_security_groups
      assign_public_ip = network_configuration.value.assign_public_ip
    }
  }

  dynamic "load_balancer" {
    for_each = local.load_balancers

    content {
      target_group_arn = load_balancer.value.target_group_arn
      container_name   = load_balancer.value.container_name
      container_port   = load_balancer.value.container_port
    }
  }

  dynamic "service_registries" {
    for_each = var.service_discovery[*]

    content {
      registry_arn   = aws_service_discovery_service.this[0].arn
      container_name = service_registries.value.container_name
      container_port = service_registries.value.container_port
    }
  }

  dynamic "service_connect_configuration" {
    for_each = var.service_connect[*]

    content {
      enabled   = service_connect_configuration.value.enabled
      namespace = service_connect_configuration.value.namespace

      dynamic "log_configuration" {
        for_each = service_connect_configuration.value.enabled ? var.logging[*] : []

        content {
          log_driver = "awslogs"
          options = {
            "awslogs-group"         = log_configuration.value.group_name
            "awslogs-region"        = local.region
            "awslogs-stream-prefix" = "${var.service.name}-service-connect"
          }
        }
      }

      dynamic "service" {
        for_each = service_connect_configuration.value.services

        content {
          port_name             = service.value.port_name
          discovery_name        = service.value.discovery_name
          ingress_port_override = service.value.ingress_port_override

          dynamic "client_alias" {
            for_each = service.value.client_alias[*]

            content {
              port     = client_alias.value.port
              dns_name = client_alias.value.dns_name
            }
          }

          dynamic "timeout" {
            for_each = service.value.timeout[*]

            content {
              idle_timeout_seconds        = timeout.value.idle_seconds
              per_request_timeout_seconds = timeout.value.per_request_seconds
            }
          }
        }
      }
    }
  }

  dynamic "ordered_placement_strategy" {
    for_each = var.service.placement_strategies

    content {
      type  = ordered_placement_strategy.value.type
      field = ordered_placement_strategy.value.field
    }
  }

  dynamic "placement_constraints" {
    for_each = var.service.placement_constraints

    content {
      type       = placement_constraints.value.type
      expression = placement_constraints.value.expression
    }
  }

  timeouts {
    create = "${var.service.deployment.timeout_minutes}m"
    update = "${var.service.deployment.timeout_minutes}m"
  }

  tags = var.tags

  lifecycle {
    # After a rollback the service is steady too, on the revision it had before. Without
    # this the apply would be reported as a success that deployed nothing.
    postcondition {
      condition     = !var.service.deployment.wait_for_steady_state || self.task_definition == aws_ecs_task_definition.this.arn
      error_message = "ECS rolled the deployment back: the service runs ${self.task_definition} instead of ${aws_ecs_task_definition.this.arn}. The stopped tasks and their logs say why."
    }
  }

  # A target group must be behind a listener before a service may use it; tasks cannot
  # start before the roles may do what tasks need and there is a log group to write to; and at destroy none of these
  # may go while tasks are still being drained.
  depends_on = [
    aws_cloudwatch_log_group.this,
    aws_ecs_cluster_capacity_providers.this,
    aws_iam_role_policy.execution,
    aws_iam_role_policy.task,
    aws_iam_role_policy_attachment.execution,
    aws_iam_role_policy_attachment.task,
    aws_lb_listener.application,
    aws_lb_listener.network,
    aws_lb_listener_rule.application,
    aws_vpc_security_group_egress_rule.alb,
    aws_vpc_security_group_egress_rule.nlb,
    aws_vpc_security_group_egress_rule.service,
    aws_vpc_security_group_ingress_rule.service,
  ]
}
