resource "kubernetes_ingress_v1" "this" {
  for_each = var.ingresses

  metadata {
    name        = each.value.name
    namespace   = local.namespace
    labels      = var.labels
    annotations = each.value.annotations
  }

  spec {
    ingress_class_name = each.value.class_name

    dynamic "rule" {
      for_each = each.value.hosts
      content {
        host = rule.value
        http {
          dynamic "path" {
            for_each = each.value.paths
            content {
              path      = path.value.path
              path_type = path.value.path_type
              backend {
                service {
                  name = kubernetes_service_v1.this[0].metadata[0].name
                  port {
                    number = path.value.port
                  }
                }
              }
            }
          }
        }
      }
    }

    dynamic "tls" {
      for_each = each.value.tls[*]
      content {
        hosts       = each.value.hosts
        secret_name = tls.value.secret_name
      }
    }
  }
}
