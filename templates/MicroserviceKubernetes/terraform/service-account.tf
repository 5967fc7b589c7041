resource "kubernetes_service_account_v1" "this" {
  count = var.service_account.create != null ? 1 : 0

  metadata {
    name        = var.service_account.name
    namespace   = local.namespace
    labels      = var.labels
    annotations = var.service_account.create.annotations
  }

  # Whether a token is mounted is the pod's to say; other pods may use this account too.
  automount_service_account_token = false

  dynamic "image_pull_secret" {
    for_each = var.service_account.create.image_pull_secrets
    content {
      name = image_pull_secret.value
    }
  }
}
