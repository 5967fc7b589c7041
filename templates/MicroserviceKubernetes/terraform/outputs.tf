output "namespace" {
  description = "Namespace the service runs in."
  value       = local.namespace
}

output "service" {
  description = "Name of the Service; null without ports."
  value       = one(kubernetes_service_v1.this[*].metadata[0].name)
}

output "port_forward_command" {
  description = "Command that brings the service's TCP ports to the local machine; null without any."
  value       = var.endpoints.port_forward_command
}

output "kube_endpoint" {
  description = "Name of the service inside the cluster; null without ports."
  value       = var.endpoints.kube_endpoint
}

output "external_hostname" {
  description = "Host of the external ingress; null without one."
  value       = var.endpoints.external_hostname
}

output "internal_hostname" {
  description = "Host of the internal ingress; null without one."
  value       = var.endpoints.internal_hostname
}

output "external_url" {
  description = "URL of the external ingress."
  value       = var.endpoints.external_url
}

output "internal_url" {
  description = "URL of the internal ingress."
  value       = var.endpoints.internal_url
}

output "deployment" {
  description = "Name of the Deployment."
  value       = kubernetes_deployment_v1.this.metadata[0].name
}

output "service_account" {
  description = "Name of the pods' service account."
  value       = var.service_account.name
}

output "service_ports" {
  description = "Ports of the Service by name."
  value       = { for port in try(var.service.ports, []) : port.name => port.port }
}

output "service_address" {
  description = "Address of the Service's load balancer, for type LoadBalancer."
  value = try(
    coalesce(
      kubernetes_service_v1.this[0].status[0].load_balancer[0].ingress[0].hostname,
      kubernetes_service_v1.this[0].status[0].load_balancer[0].ingress[0].ip,
    ),
    null,
  )
}

output "ingress_addresses" {
  description = "Addresses of the ingresses, as far as their controllers had told them by the last refresh."
  value = {
    for key, ingress in kubernetes_ingress_v1.this : key => try(
      coalesce(
        ingress.status[0].load_balancer[0].ingress[0].hostname,
        ingress.status[0].load_balancer[0].ingress[0].ip,
      ),
      null,
    )
  }
}
