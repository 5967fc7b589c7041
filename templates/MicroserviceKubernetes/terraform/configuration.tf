resource "kubernetes_config_map_v1" "this" {
  for_each = var.config_maps

  metadata {
    name        = each.key
    namespace   = local.namespace
    labels      = var.labels
    annotations = var.annotations
  }

  data = each.value.data
}

# Values pass through a write-only attribute. The provider writes them again when the revision,
# a fingerprint of the values, is another, and never without one.
resource "kubernetes_secret_v1" "this" {
  for_each = var.secrets

  metadata {
    name        = each.key
    namespace   = local.namespace
    labels      = var.labels
    annotations = var.annotations
  }

  type    = each.value.type
  data_wo = { for key in each.value.keys : key => var.secret_values["${each.key}/${key}"] }
  # A run that writes no secret has 0 here; the provider takes nothing below 1.
  data_wo_revision = max(each.value.revision, 1)
}
