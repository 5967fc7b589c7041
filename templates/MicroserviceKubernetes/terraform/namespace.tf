resource "kubernetes_namespace_v1" "this" {
  count = var.namespace.create ? 1 : 0

  metadata {
    name        = var.namespace.name
    labels      = var.labels
    annotations = var.annotations
  }
}

locals {
  # Through the created object, so that everything in it waits for it, and is gone before it.
  namespace = var.namespace.create ? kubernetes_namespace_v1.this[0].metadata[0].name : var.namespace.name
}
