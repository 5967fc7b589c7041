resource "kubernetes_service_v1" "this" {
  count = var.service != null ? 1 : 0

  metadata {
    name        = var.service.name
    namespace   = local.namespace
    labels      = var.labels
    annotations = var.service.annotations
  }

  spec {
    type                        = var.service.type
    selector                    = var.selector
    external_traffic_policy     = var.service.external_traffic_policy
    load_balancer_class         = var.service.load_balancer_class
    load_balancer_source_ranges = var.service.load_balancer_source_ranges
    session_affinity            = var.service.session_affinity

    dynamic "port" {
      for_each = var.service.ports
      content {
        name         = port.value.name
        port         = port.value.port
        target_port  = port.value.target_port
        protocol     = port.value.protocol
        app_protocol = port.value.app_protocol
      }
    }
  }
}
