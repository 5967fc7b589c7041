# Joins the module when var.autoscaling is set: Terraform then writes the number of pods only
# when it creates the Deployment.
resource "kubernetes_deployment_v1" "this" {
  lifecycle {
    ignore_changes = [spec[0].replicas]
  }
}
