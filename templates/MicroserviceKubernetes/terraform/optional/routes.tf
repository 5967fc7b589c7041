# Joins the module when var.routes holds something. The Gateway API has no typed resources in this
# provider; kubernetes_manifest asks the cluster for the type at every plan.
resource "kubernetes_manifest" "route" {
  for_each = var.routes

  manifest = {
    apiVersion = "gateway.networking.k8s.io/v1"
    kind       = "HTTPRoute"
    metadata = {
      name        = each.value.name
      namespace   = local.namespace
      labels      = var.labels
      annotations = var.annotations
    }
    spec = {
      parentRefs = [{
        for key, value in {
          name        = each.value.parent.name
          namespace   = each.value.parent.namespace
          sectionName = each.value.parent.section_name
        } : key => value if value != null
      }]
      hostnames = each.value.hosts
      rules = [
        for path in each.value.paths : {
          matches     = [{ path = { type = path.path_type, value = path.path } }]
          backendRefs = [{ name = kubernetes_service_v1.this[0].metadata[0].name, port = path.port }]
        }
      ]
    }
  }
}

resource "kubernetes_manifest" "redirect" {
  for_each = { for key, route in var.routes : key => route if route.redirect != null }

  manifest = {
    apiVersion = "gateway.networking.k8s.io/v1"
    kind       = "HTTPRoute"
    metadata = {
      name        = each.value.redirect.name
      namespace   = local.namespace
      labels      = var.labels
      annotations = var.annotations
    }
    spec = {
      parentRefs = [{
        name        = each.value.parent.name
        namespace   = each.value.parent.namespace
        sectionName = each.value.redirect.section_name
      }]
      hostnames = each.value.hosts
      rules = [{
        filters = [{
          type            = "RequestRedirect"
          requestRedirect = { scheme = "https", statusCode = 301 }
        }]
      }]
    }
  }
}
