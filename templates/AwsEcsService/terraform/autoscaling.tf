resource "aws_appautoscaling_target" "this" {
  count = var.autoscaling != null ? 1 : 0

  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${var.cluster.name}/${aws_ecs_service.this.name}"
  min_capacity       = var.autoscaling.min_tasks
  max_capacity       = var.autoscaling.max_tasks

  tags = var.tags
}

locals {
  # Target tracking policies by name; several together give the largest count any asks for.
  tracking_policies = {
    for name, policy in {
      cpu = {
        metric = "ECSServiceAverageCPUUtilization"
        target = try(var.autoscaling.target_cpu_percent, null)
      }
      memory = {
        metric = "ECSServiceAverageMemoryUtilization"
        target = try(var.autoscaling.target_memory_percent, null)
      }
      requests = {
        metric = "ALBRequestCountPerTarget"
        target = try(var.autoscaling.requests_per_target, null)
      }
    } : name => policy if policy.target != null
  }
}

resource "aws_appautoscaling_policy" "this" {
  for_each = local.tracking_policies

  name               = "${var.service.name}-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this[0].service_namespace
  scalable_dimension = aws_appautoscaling_target.this[0].scalable_dimension
  resource_id        = aws_appautoscaling_target.this[0].resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = each.value.target
    scale_in_cooldown  = var.autoscaling.scale_in_cooldown_seconds
    scale_out_cooldown = var.autoscaling.scale_out_cooldown_seconds

    predefined_metric_specification {
      predefined_metric_type = each.value.metric
      resource_label         = each.key == "requests" ? "${local.alb_arn_suffix}/${aws_lb_target_group.application[0].arn_suffix}" : null
    }
  }

  # ECS counts requests only for a target group that traffic reaches.
  depends_on = [aws_lb_listener.application, aws_lb_listener_rule.application]
}

resource "aws_appautoscaling_scheduled_action" "this" {
  for_each = try(var.autoscaling.schedules, {})

  name               = each.key
  service_namespace  = aws_appautoscaling_target.this[0].service_namespace
  scalable_dimension = aws_appautoscaling_target.this[0].scalable_dimension
  resource_id        = aws_appautoscaling_target.this[0].resource_id
  schedule           = each.value.expression
  timezone           = each.value.timezone

  scalable_target_action {
    min_capacity = each.value.min_tasks
    max_capacity = each.value.max_tasks
  }
}
