resource "aws_service_discovery_service" "this" {
  count = var.service_discovery != null ? 1 : 0

  name         = var.service_discovery.name
  namespace_id = var.service_discovery.namespace_id

  # Whatever is still registered when the stack goes would keep it from going.
  force_destroy = true

  dns_config {
    namespace_id   = var.service_discovery.namespace_id
    routing_policy = "MULTIVALUE"

    dns_records {
      type = var.service_discovery.record_type
      ttl  = var.service_discovery.ttl_seconds
    }
  }

  # ECS reports each task's health itself.
  health_check_custom_config {
    failure_threshold = 1
  }

  tags = var.tags
}
