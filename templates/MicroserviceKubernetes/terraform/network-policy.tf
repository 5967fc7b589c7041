resource "kubernetes_network_policy_v1" "this" {
  count = var.network_policy != null ? 1 : 0

  metadata {
    name        = var.network_policy.name
    namespace   = local.namespace
    labels      = var.labels
    annotations = var.annotations
  }

  spec {
    # A direction that is named here is closed but for its rules.
    policy_types = concat(
      var.network_policy.ingress != null ? ["Ingress"] : [],
      var.network_policy.egress != null ? ["Egress"] : [],
    )

    pod_selector {
      match_labels = var.selector
    }

    dynamic "ingress" {
      for_each = coalesce(var.network_policy.ingress, [])
      content {
        dynamic "from" {
          for_each = ingress.value.peers
          content {
            dynamic "pod_selector" {
              for_each = from.value.pod_labels[*]
              content {
                match_labels = pod_selector.value
              }
            }
            dynamic "namespace_selector" {
              for_each = from.value.namespace_labels[*]
              content {
                match_labels = namespace_selector.value
              }
            }
            dynamic "ip_block" {
              for_each = from.value.cidr[*]
              content {
                cidr   = ip_block.value
                except = from.value.except
              }
            }
          }
        }
        dynamic "ports" {
          for_each = ingress.value.ports
          content {
            port     = ports.value.port
            end_port = ports.value.end_port
            protocol = ports.value.protocol
          }
        }
      }
    }

    dynamic "egress" {
      for_each = coalesce(var.network_policy.egress, [])
      content {
        dynamic "to" {
          for_each = egress.value.peers
          content {
            dynamic "pod_selector" {
              for_each = to.value.pod_labels[*]
              content {
                match_labels = pod_selector.value
              }
            }
            dynamic "namespace_selector" {
              for_each = to.value.namespace_labels[*]
              content {
                match_labels = namespace_selector.value
              }
            }
            dynamic "ip_block" {
              for_each = to.value.cidr[*]
              content {
                cidr   = ip_block.value
                except = to.value.except
              }
            }
          }
        }
        dynamic "ports" {
          for_each = egress.value.ports
          content {
            port     = ports.value.port
            end_port = ports.value.end_port
            protocol = ports.value.protocol
          }
        }
      }
    }
  }
}
