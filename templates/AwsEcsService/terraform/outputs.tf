output "aws_ecs_service_name" {
  description = "Name of the ECS service."
  value       = aws_ecs_service.this.name
}

output "ecs_cluster_name" {
  description = "Name of the cluster the service runs in."
  value       = var.cluster.name
}

output "load_balancer_dns_name" {
  description = "DNS name of the load balancer; the Application Load Balancer's when there are two."
  value       = local.alb_dns_name != null ? local.alb_dns_name : local.nlb_dns_name
}

output "service_url" {
  description = "URL of the service, by its host name where it is routed by one."
  value = one([
    for alb in var.alb[*] : "${alb.url.prefix}${alb.url.host != null ? alb.url.host : local.alb_dns_name}${alb.url.suffix}"
  ])
}

output "service_discovery_name" {
  description = "Name other services reach this one by, through Cloud Map or Service Connect."
  value       = var.service.discovery_name
}

output "cloudwatch_log_group_name" {
  description = "Name of the log group."
  value       = try(var.logging.group_name, null)
}

output "cloudwatch_log_group_arn" {
  description = "ARN of the log group."
  value       = local.log_group_arn
}

output "service_arn" {
  description = "ARN of the ECS service."
  value       = aws_ecs_service.this.id
}

output "target_group_arn" {
  description = "ARN of the Application Load Balancer's target group; the first Network Load Balancer listener's when there is no other."
  value       = try(concat(aws_lb_target_group.application[*].arn, values(aws_lb_target_group.network)[*].arn)[0], null)
}

output "cluster_arn" {
  description = "ARN of the cluster."
  value       = local.cluster_arn
}

output "task_definition_arn" {
  description = "ARN of the task definition, with its revision."
  value       = aws_ecs_task_definition.this.arn
}

output "task_execution_role_arn" {
  description = "ARN of the role that ECS pulls images, reads secrets and writes logs with."
  value       = local.execution_role_arn
}

output "task_role_arn" {
  description = "ARN of the role that the application runs with."
  value       = local.task_role_arn
}

output "security_group_ids" {
  description = "Security groups of the tasks."
  value       = local.service_security_groups
}

output "load_balancer_arn" {
  description = "ARN of the load balancer."
  value       = local.alb_arn != null ? local.alb_arn : local.nlb_arn
}

output "load_balancer_security_group_ids" {
  description = "Security groups of a created load balancer, to be let in by security groups that were given."
  value = concat(
    local.alb_create != null ? local.alb_security_groups : [],
    local.nlb_create != null ? local.nlb_security_groups : [],
  )
}

output "network_load_balancer_dns_name" {
  description = "DNS name of the Network Load Balancer."
  value       = local.nlb_dns_name
}

output "listener_arn" {
  description = "ARN of the listener that carries the service's traffic."
  value       = try(concat(local.alb_listener_arn[*], values(aws_lb_listener.network)[*].arn)[0], null)
}

output "listener_rule_arn" {
  description = "ARN of the listener rule."
  value       = one(aws_lb_listener_rule.application[*].arn)
}

output "listener_rule_priority" {
  description = "Priority the listener rule got."
  value       = one(aws_lb_listener_rule.application[*].priority)
}

output "nlb_target_group_arns" {
  description = "ARNs of the Network Load Balancer's target groups by listener port."
  value       = { for port, group in aws_lb_target_group.network : port => group.arn }
}

output "created_secret_arns" {
  description = "ARNs of created secrets by container and environment name."
  value = merge(
    { for key, secret in aws_secretsmanager_secret.this : key => secret.arn },
    { for key, parameter in aws_ssm_parameter.this : key => parameter.arn },
  )
}

locals {
  console = "https://${local.region}.${lookup({
    aws-cn     = "console.amazonaws.cn"
    aws-us-gov = "console.amazonaws-us-gov.com"
  }, local.partition, "console.aws.amazon.com")}"
}

output "service_console_url" {
  description = "The service in the AWS console."
  value       = "${local.console}/ecs/v2/clusters/${var.cluster.name}/services/${aws_ecs_service.this.name}/health?region=${local.region}"
}

output "task_definition_console_url" {
  description = "The task definition in the AWS console."
  value       = "${local.console}/ecs/v2/task-definitions/${aws_ecs_task_definition.this.family}/${aws_ecs_task_definition.this.revision}/containers?region=${local.region}"
}

output "log_group_console_url" {
  description = "The log group in the AWS console."
  value = one([
    for logging in var.logging[*] :
    # The console wants the name escaped twice, with $ for %.
    "${local.console}/cloudwatch/home?region=${local.region}#logsV2:log-groups/log-group/${replace(urlencode(urlencode(logging.group_name)), "%", "$")}"
  ])
}

output "load_balancer_console_url" {
  description = "The load balancer in the AWS console."
  value = try(
    "${local.console}/ec2/home?region=${local.region}#LoadBalancer:loadBalancerArn=${concat(local.alb_arn[*], local.nlb_arn[*])[0]}",
    null,
  )
}
