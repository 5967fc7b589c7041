resource "kubernetes_horizontal_pod_autoscaler_v2" "this" {
  count = var.autoscaling != null ? 1 : 0

  metadata {
    name        = var.autoscaling.name
    namespace   = local.namespace
    labels      = var.labels
    annotations = var.annotations
  }

  spec {
    min_replicas = var.autoscaling.min_replicas
    max_replicas = var.autoscaling.max_replicas

    # By name, not by reference: a roll-out that fails must not keep the limits from changing.
    scale_target_ref {
      api_version = "apps/v1"
      kind        = "Deployment"
      name        = var.deployment.name
    }

    dynamic "metric" {
      for_each = var.autoscaling.metrics
      content {
        type = metric.value.type

        dynamic "resource" {
          for_each = metric.value.type == "Resource" ? [metric.value] : []
          content {
            name = resource.value.name
            target {
              type                = resource.value.target.type
              average_utilization = resource.value.target.average_utilization
              average_value       = resource.value.target.average_value
            }
          }
        }

        dynamic "container_resource" {
          for_each = metric.value.type == "ContainerResource" ? [metric.value] : []
          content {
            name      = container_resource.value.name
            container = container_resource.value.container
            target {
              type                = container_resource.value.target.type
              average_utilization = container_resource.value.target.average_utilization
              average_value       = container_resource.value.target.average_value
            }
          }
        }

        dynamic "pods" {
          for_each = metric.value.type == "Pods" ? [metric.value] : []
          content {
            metric {
              name = pods.value.name
              dynamic "selector" {
                for_each = pods.value.selector[*]
                content {
                  match_labels = selector.value
                }
              }
            }
            target {
              type          = pods.value.target.type
              average_value = pods.value.target.average_value
            }
          }
        }

        dynamic "object" {
          for_each = metric.value.type == "Object" ? [metric.value] : []
          content {
            described_object {
              api_version = object.value.described_object.api_version
              kind        = object.value.described_object.kind
              name        = object.value.described_object.name
            }
            metric {
              name = object.value.name
              dynamic "selector" {
                for_each = object.value.selector[*]
                content {
                  match_labels = selector.value
                }
              }
            }
            target {
              type          = object.value.target.type
              average_value = object.value.target.average_value
              value         = object.value.target.value
            }
          }
        }

        dynamic "external" {
          for_each = metric.value.type == "External" ? [metric.value] : []
          content {
            metric {
              name = external.value.name
              dynamic "selector" {
                for_each = external.value.selector[*]
                content {
                  match_labels = selector.value
                }
              }
            }
            target {
              type          = external.value.target.type
              average_value = external.value.target.average_value
              value         = external.value.target.value
            }
          }
        }
      }
    }

    behavior {
      scale_up {
        stabilization_window_seconds = var.autoscaling.scale_up.stabilization_window_seconds
        select_policy                = var.autoscaling.scale_up.select_policy
        dynamic "policy" {
          for_each = var.autoscaling.scale_up.policies
          content {
            type           = policy.value.type
            value          = policy.value.value
            period_seconds = policy.value.period_seconds
          }
        }
      }
      scale_down {
        stabilization_window_seconds = var.autoscaling.scale_down.stabilization_window_seconds
        select_policy                = var.autoscaling.scale_down.select_policy
        dynamic "policy" {
          for_each = var.autoscaling.scale_down.policies
          content {
            type           = policy.value.type
            value          = policy.value.value
            period_seconds = policy.value.period_seconds
          }
        }
      }
    }
  }
}
