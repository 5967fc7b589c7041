resource "kubernetes_pod_disruption_budget_v1" "this" {
  count = var.disruption_budget != null ? 1 : 0

  metadata {
    name        = var.disruption_budget.name
    namespace   = local.namespace
    labels      = var.labels
    annotations = var.annotations
  }

  spec {
    min_available   = var.disruption_budget.min_available
    max_unavailable = var.disruption_budget.max_unavailable

    selector {
      match_labels = var.selector
    }
  }
}
