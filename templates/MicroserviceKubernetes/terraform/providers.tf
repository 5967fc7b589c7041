# The cluster is said here and nowhere else: no KUBE_* variable reaches the provider, for each
# of them overrides a part of this, and KUBECONFIG it does not know. var.connection is
# either a kubeconfig and the context in it, or a host with credentials.
provider "kubernetes" {
  config_path            = lookup(var.connection, "config_path", null)
  config_context         = lookup(var.connection, "config_context", null)
  host                   = lookup(var.connection, "host", null)
  cluster_ca_certificate = lookup(var.connection, "cluster_ca_certificate", null)
  token                  = lookup(var.connection, "token", null)
  client_certificate     = lookup(var.connection, "client_certificate", null)
  client_key             = lookup(var.connection, "client_key", null)
  tls_server_name        = lookup(var.connection, "tls_server_name", null)
  proxy_url              = lookup(var.connection, "proxy_url", null)
  insecure               = lookup(var.connection, "insecure", null)

  # What controllers write onto objects of ours. Without this each plan would take it away.
  # Keys that a manifest sets itself are not affected.
  ignore_annotations = [
    "^cloud\\.google\\.com/neg-status$",
    "^field\\.cattle\\.io/publicEndpoints$",
  ]
}
