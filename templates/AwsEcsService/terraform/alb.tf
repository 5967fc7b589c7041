locals {
  alb_create = try(var.alb.create, null)

  # Where the load balancer reaches the tasks: the container's port, and the health
  # check's if it has one of its own.
  alb_target_ports = distinct([
    for port in flatten([for alb in var.alb[*] : [
      tostring(alb.container_port),
      alb.target_group.health_check.port == "traffic-port" ? tostring(alb.container_port) : alb.target_group.health_check.port,
    ]]) : tonumber(port)
  ])

  alb_security_groups = var.alb == null ? [] : local.alb_create == null ? tolist(data.aws_lb.application[0].security_groups) : (
    local.alb_create.security_group != null ? aws_security_group.alb[*].id : local.alb_create.security_groups
  )
}

# --- a given load balancer ---

data "aws_lb" "application" {
  count = try(var.alb.arn, null) != null ? 1 : 0

  arn = var.alb.arn
}

data "aws_lb_listener" "application" {
  count = try(var.alb.arn, null) != null ? 1 : 0

  load_balancer_arn = var.alb.arn
  port              = var.alb.listener_port
}

resource "aws_lb_listener_certificate" "application" {
  count = try(var.alb.arn != null && var.alb.certificate_arn != null, false) ? 1 : 0

  listener_arn    = data.aws_lb_listener.application[0].arn
  certificate_arn = var.alb.certificate_arn
}

# --- a created load balancer ---

resource "aws_security_group" "alb" {
  count = try(local.alb_create.security_group, null) != null ? 1 : 0

  name        = local.alb_create.security_group.name
  description = "Load balancer of ECS service ${var.service.name}"
  vpc_id      = local.vpc_id

  tags = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

locals {
  alb_listener_ports = compact(flatten([for alb in var.alb[*] : [alb.listener_port, alb.redirect_port]]))
}

resource "aws_vpc_security_group_ingress_rule" "alb_ipv4" {
  for_each = {
    for pair in setproduct(local.alb_listener_ports, try(local.alb_create.security_group.ingress_ipv4_cidrs, [])) :
    "${pair[0]} ${pair[1]}" => { port = pair[0], cidr = pair[1] }
  }

  security_group_id = aws_security_group.alb[0].id
  cidr_ipv4         = each.value.cidr
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port

  tags = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "alb_ipv6" {
  for_each = {
    for pair in setproduct(local.alb_listener_ports, try(local.alb_create.security_group.ingress_ipv6_cidrs, [])) :
    "${pair[0]} ${pair[1]}" => { port = pair[0], cidr = pair[1] }
  }

  security_group_id = aws_security_group.alb[0].id
  cidr_ipv6         = each.value.cidr
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port

  tags = var.tags
}

resource "aws_vpc_security_group_egress_rule" "alb" {
  for_each = try(local.alb_create.security_group, null) == null || !var.network.awsvpc ? {} : {
    for pair in setproduct(range(length(local.service_security_groups)), local.alb_target_ports) :
    "${pair[0]}-${pair[1]}" => { group = local.service_security_groups[pair[0]], port = pair[1] }
  }

  security_group_id            = aws_security_group.alb[0].id
  referenced_security_group_id = each.value.group
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port

  tags = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

# Instances have security groups that this module does not know, and host ports that
# Docker chooses.
resource "aws_vpc_security_group_egress_rule" "alb_instances" {
  count = try(local.alb_create.security_group, null) != null && !var.network.awsvpc ? 1 : 0

  security_group_id = aws_security_group.alb[0].id
  description       = "To the instances"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 0
  to_port           = 65535

  tags = var.tags
}

resource "aws_lb" "application" {
  count = local.alb_create != null ? 1 : 0

  name                       = local.alb_create.name
  load_balancer_type         = "application"
  internal                   = local.alb_create.internal
  subnets                    = local.alb_create.subnets
  security_groups            = local.alb_security_groups
  ip_address_type            = local.alb_create.ip_address_type
  idle_timeout               = local.alb_create.idle_timeout_seconds
  enable_deletion_protection = local.alb_create.deletion_protection
  drop_invalid_header_fields = true

  dynamic "access_logs" {
    for_each = local.alb_create.access_logs[*]

    content {
      enabled = true
      bucket  = access_logs.value.bucket
      prefix  = access_logs.value.prefix
    }
  }

  tags = var.tags
}

resource "aws_lb_listener" "application" {
  count = local.alb_create != null ? 1 : 0

  load_balancer_arn = aws_lb.application[0].arn
  port              = var.alb.listener_port
  protocol          = var.alb.listener_protocol
  certificate_arn   = var.alb.certificate_arn
  ssl_policy        = var.alb.ssl_policy

  # With a rule, what the rule does not match is nobody's.
  dynamic "default_action" {
    for_each = var.alb.rule != null ? [404] : []

    content {
      type = "fixed-response"

      fixed_response {
        status_code  = default_action.value
        content_type = "text/plain"
        message_body = "Not found"
      }
    }
  }

  dynamic "default_action" {
    for_each = var.alb.rule == null ? [aws_lb_target_group.application[0].arn] : []

    content {
      type             = "forward"
      target_group_arn = default_action.value
    }
  }

  tags = var.tags
}

resource "aws_lb_listener" "redirect" {
  count = local.alb_create != null && try(var.alb.redirect_port, null) != null ? 1 : 0

  load_balancer_arn = aws_lb.application[0].arn
  port              = var.alb.redirect_port
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      protocol    = "HTTPS"
      port        = var.alb.listener_port
      status_code = "HTTP_301"
    }
  }

  tags = var.tags
}

# --- the service's share of either ---

locals {
  alb_arn          = try(var.alb.arn, null) != null ? var.alb.arn : one(aws_lb.application[*].arn)
  alb_arn_suffix   = one(concat(data.aws_lb.application[*].arn_suffix, aws_lb.application[*].arn_suffix))
  alb_dns_name     = one(concat(data.aws_lb.application[*].dns_name, aws_lb.application[*].dns_name))
  alb_listener_arn = one(concat(data.aws_lb_listener.application[*].arn, aws_lb_listener.application[*].arn))
}

resource "aws_lb_target_group" "application" {
  count = var.alb != null ? 1 : 0

  name             = var.alb.target_group.name
  vpc_id           = local.vpc_id
  target_type      = var.alb.target_group.target_type
  port             = var.alb.target_group.port
  protocol         = var.alb.target_group.protocol
  protocol_version = var.alb.target_group.protocol_version

  deregistration_delay = var.alb.target_group.deregistration_delay_seconds
  slow_start           = var.alb.target_group.slow_start_seconds

  health_check {
    protocol            = var.alb.target_group.health_check.protocol
    path                = var.alb.target_group.health_check.path
    port                = var.alb.target_group.health_check.port
    matcher             = var.alb.target_group.health_check.matcher
    interval            = var.alb.target_group.health_check.interval_seconds
    timeout             = var.alb.target_group.health_check.timeout_seconds
    healthy_threshold   = var.alb.target_group.health_check.healthy_threshold
    unhealthy_threshold = var.alb.target_group.health_check.unhealthy_threshold
  }

  # Written also when it is off: the provider takes a missing block for no opinion.
  stickiness {
    enabled         = var.alb.target_group.stickiness != null
    type            = try(var.alb.target_group.stickiness.cookie_name, null) != null ? "app_cookie" : "lb_cookie"
    cookie_name     = try(var.alb.target_group.stickiness.cookie_name, null)
    cookie_duration = try(var.alb.target_group.stickiness.duration_seconds, null)
  }

  tags = var.tags

  lifecycle {
    # A listener holds on to its target group until it has another. The name changes
    # with all that forces a new one.
    create_before_destroy = true
  }
}

resource "aws_lb_listener_rule" "application" {
  count = try(var.alb.rule, null) != null ? 1 : 0

  listener_arn = local.alb_listener_arn
  priority     = var.alb.rule.priority

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.application[0].arn
  }

  dynamic "condition" {
    for_each = length(var.alb.rule.hostnames) > 0 ? [var.alb.rule.hostnames] : []

    content {
      host_header {
        values = condition.value
      }
    }
  }

  dynamic "condition" {
    for_each = length(var.alb.rule.paths) > 0 ? [var.alb.rule.paths] : []

    content {
      path_pattern {
        values = condition.value
      }
    }
  }

  tags = var.tags
}
