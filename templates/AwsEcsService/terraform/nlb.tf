locals {
  nlb_create    = try(var.nlb.create, null)
  nlb_listeners = try(var.nlb.listeners, {})

  # "<port>/<protocol>" of everything the load balancer reaches at the tasks.
  nlb_target_ports = distinct(flatten([
    for listener in local.nlb_listeners : concat(
      contains(["TCP", "TLS", "TCP_UDP"], listener.target_group.protocol) ? ["${listener.container_port}/tcp"] : [],
      contains(["UDP", "TCP_UDP"], listener.target_group.protocol) ? ["${listener.container_port}/udp"] : [],
      # Health checks are never UDP.
      ["${listener.target_group.health_check.port == "traffic-port" ? tostring(listener.container_port) : listener.target_group.health_check.port}/tcp"],
    )
  ]))

  nlb_security_groups = var.nlb == null ? [] : local.nlb_create == null ? tolist(data.aws_lb.network[0].security_groups) : (
    local.nlb_create.security_group != null ? aws_security_group.nlb[*].id : local.nlb_create.security_groups
  )

  nlb_listener_ports = distinct(flatten([
    for listener in local.nlb_listeners : concat(
      contains(["TCP", "TLS", "TCP_UDP"], listener.protocol) ? ["${listener.port}/tcp"] : [],
      contains(["UDP", "TCP_UDP"], listener.protocol) ? ["${listener.port}/udp"] : [],
    )
  ]))
}

data "aws_lb" "network" {
  count = try(var.nlb.arn, null) != null ? 1 : 0

  arn = var.nlb.arn
}

resource "aws_security_group" "nlb" {
  count = try(local.nlb_create.security_group, null) != null ? 1 : 0

  name        = local.nlb_create.security_group.name
  description = "Network load balancer of ECS service ${var.service.name}"
  vpc_id      = local.vpc_id

  tags = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "nlb_ipv4" {
  for_each = {
    for pair in setproduct(local.nlb_listener_ports, try(local.nlb_create.security_group.ingress_ipv4_cidrs, [])) :
    "${pair[0]} ${pair[1]}" => { port = split("/", pair[0])[0], protocol = split("/", pair[0])[1], cidr = pair[1] }
  }

  security_group_id = aws_security_group.nlb[0].id
  cidr_ipv4         = each.value.cidr
  ip_protocol       = each.value.protocol
  from_port         = each.value.port
  to_port           = each.value.port

  tags = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "nlb_ipv6" {
  for_each = {
    for pair in setproduct(local.nlb_listener_ports, try(local.nlb_create.security_group.ingress_ipv6_cidrs, [])) :
    "${pair[0]} ${pair[1]}" => { port = split("/", pair[0])[0], protocol = split("/", pair[0])[1], cidr = pair[1] }
  }

  security_group_id = aws_security_group.nlb[0].id
  cidr_ipv6         = each.value.cidr
  ip_protocol       = each.value.protocol
  from_port         = each.value.port
  to_port           = each.value.port

  tags = var.tags
}

resource "aws_vpc_security_group_egress_rule" "nlb" {
  for_each = try(local.nlb_create.security_group, null) == null || !var.network.awsvpc ? {} : {
    for pair in setproduct(range(length(local.service_security_groups)), local.nlb_target_ports) :
    "${pair[0]}-${pair[1]}" => {
      group    = local.service_security_groups[pair[0]]
      port     = split("/", pair[1])[0]
      protocol = split("/", pair[1])[1]
    }
  }

  security_group_id            = aws_security_group.nlb[0].id
  referenced_security_group_id = each.value.group
  ip_protocol                  = each.value.protocol
  from_port                    = each.value.port
  to_port                      = each.value.port

  tags = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

# As for the Application Load Balancer: the instances' groups and ports are not known here.
resource "aws_vpc_security_group_egress_rule" "nlb_instances" {
  count = try(local.nlb_create.security_group, null) != null && !var.network.awsvpc ? 1 : 0

  security_group_id = aws_security_group.nlb[0].id
  description       = "To the instances"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"

  tags = var.tags
}

resource "aws_lb" "network" {
  count = local.nlb_create != null ? 1 : 0

  name                             = local.nlb_create.name
  load_balancer_type               = "network"
  internal                         = local.nlb_create.internal
  subnets                          = local.nlb_create.subnets
  security_groups                  = local.nlb_security_groups
  ip_address_type                  = local.nlb_create.ip_address_type
  enable_cross_zone_load_balancing = local.nlb_create.cross_zone
  enable_deletion_protection       = local.nlb_create.deletion_protection

  dynamic "access_logs" {
    for_each = local.nlb_create.access_logs[*]

    content {
      enabled = true
      bucket  = access_logs.value.bucket
      prefix  = access_logs.value.prefix
    }
  }

  tags = var.tags
}

resource "aws_lb_target_group" "network" {
  for_each = local.nlb_listeners

  name        = each.value.target_group.name
  vpc_id      = local.vpc_id
  target_type = each.value.target_group.target_type
  port        = each.value.target_group.port
  protocol    = each.value.target_group.protocol

  deregistration_delay = each.value.target_group.deregistration_delay_seconds
  preserve_client_ip   = each.value.target_group.preserve_client_ip
  proxy_protocol_v2    = each.value.target_group.proxy_protocol_v2

  health_check {
    protocol            = each.value.target_group.health_check.protocol
    path                = each.value.target_group.health_check.path
    port                = each.value.target_group.health_check.port
    matcher             = each.value.target_group.health_check.matcher
    interval            = each.value.target_group.health_check.interval_seconds
    timeout             = each.value.target_group.health_check.timeout_seconds
    healthy_threshold   = each.value.target_group.health_check.healthy_threshold
    unhealthy_threshold = each.value.target_group.health_check.unhealthy_threshold
  }

  tags = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_listener" "network" {
  for_each = local.nlb_listeners

  load_balancer_arn = local.nlb_arn
  port              = each.value.port
  protocol          = each.value.protocol
  certificate_arn   = each.value.certificate_arn
  ssl_policy        = each.value.ssl_policy
  alpn_policy       = each.value.alpn_policy

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.network[each.key].arn
  }

  tags = var.tags
}

locals {
  nlb_arn      = try(var.nlb.arn, null) != null ? var.nlb.arn : one(aws_lb.network[*].arn)
  nlb_dns_name = one(concat(data.aws_lb.network[*].dns_name, aws_lb.network[*].dns_name))
}
