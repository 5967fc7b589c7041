# Target groups and security groups need the VPC. A given load balancer names it; only
# when there is none does a subnet have to be looked up.

locals {
  lookup_subnet = alltrue([
    var.alb != null || var.nlb != null,
    var.network.vpc_id == null,
    try(var.alb.arn, null) == null,
    try(var.nlb.arn, null) == null,
  ])

  vpc_id = try(concat(
    var.network.vpc_id[*],
    data.aws_lb.application[*].vpc_id,
    data.aws_lb.network[*].vpc_id,
    data.aws_subnet.first[*].vpc_id,
  )[0], null)
}

data "aws_subnet" "first" {
  count = local.lookup_subnet ? 1 : 0

  # In bridge mode the load balancer's subnets may be the only ones given.
  id = concat(var.network.subnets, try(var.alb.create.subnets, []), try(var.nlb.create.subnets, []))[0]
}

# --- the service's own security group: in from the load balancers, out to anywhere ---

locals {
  service_security_groups = var.network.security_group != null ? [aws_security_group.service[0].id] : var.network.security_groups

  # One rule for each load balancer group, port and protocol. The keys are made of what is
  # known while planning; the ids of groups yet to be made are not.
  service_ingress = var.network.security_group == null ? {} : merge(
    {
      for pair in setproduct(range(length(local.alb_security_groups)), local.alb_target_ports) :
      "alb-${pair[0]}-${pair[1]}" => {
        group    = local.alb_security_groups[pair[0]]
        port     = pair[1]
        protocol = "tcp"
      }
    },
    {
      for pair in setproduct(range(length(local.nlb_security_groups)), local.nlb_target_ports) :
      "nlb-${pair[0]}-${pair[1]}" => {
        group    = local.nlb_security_groups[pair[0]]
        port     = tonumber(split("/", pair[1])[0])
        protocol = split("/", pair[1])[1]
      }
    },
  )
}

resource "aws_security_group" "service" {
  count = var.network.security_group != null ? 1 : 0

  name        = var.network.security_group.name
  description = "Tasks of ECS service ${var.service.name}"
  vpc_id      = local.vpc_id

  tags = var.tags

  lifecycle {
    # When it is no longer wanted it goes after the service has left it, not before:
    # AWS keeps a group that tasks are in. The same holds for every rule between
    # load balancer and tasks, so that a changed port does not cut off running tasks.
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "service" {
  for_each = local.service_ingress

  security_group_id            = aws_security_group.service[0].id
  referenced_security_group_id = each.value.group
  ip_protocol                  = each.value.protocol
  from_port                    = each.value.port
  to_port                      = each.value.port

  tags = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_egress_rule" "service" {
  for_each = var.network.security_group != null ? toset(["0.0.0.0/0"]) : toset([])

  security_group_id = aws_security_group.service[0].id
  description       = "To registries, AWS and whatever the application calls"
  cidr_ipv4         = each.value
  ip_protocol       = "-1"

  tags = var.tags

  lifecycle {
    create_before_destroy = true
  }
}
