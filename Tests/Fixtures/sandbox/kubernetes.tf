# One of each kind of object that a service in Kubernetes is made of.
terraform {
  required_providers {
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = "3.2.1"
    }
  }
}

provider "kubernetes" {}

variable "image" {
  default = "registry.example.com/web:1.0.0"
}

variable "name" {
  default = "web"
}

variable "password" {
  type      = string
  ephemeral = true
}

variable "revision" {
  default = 1
}

resource "kubernetes_namespace_v1" "this" {
  metadata {
    name = "shop"
  }
}

resource "kubernetes_secret_v1" "this" {
  metadata {
    name      = "web"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }
  data_wo          = { PASSWORD = var.password }
  data_wo_revision = var.revision
}

resource "kubernetes_config_map_v1" "this" {
  metadata {
    generate_name = "web-"
    namespace     = kubernetes_namespace_v1.this.metadata[0].name
  }
  data = { LOG_LEVEL = "info" }
}

resource "kubernetes_deployment_v1" "this" {
  metadata {
    name      = "web"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }
  spec {
    selector {
      match_labels = { app = "web" }
    }
    template {
      metadata {
        labels = { app = "web" }
      }
      spec {
        container {
          name  = "main"
          image = var.image
          env_from {
            config_map_ref {
              name = kubernetes_config_map_v1.this.metadata[0].name
            }
          }
          resources {
            limits = { cpu = "1000m", memory = "256Mi" }
          }
        }
      }
    }
  }
}

resource "kubernetes_service_v1" "this" {
  metadata {
    name      = var.name
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }
  spec {
    selector = { app = "web" }
    port {
      port = 80
    }
  }
}

resource "kubernetes_ingress_v1" "this" {
  metadata {
    name      = "web"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }
  spec {
    rule {
      host = "web.example.com"
      http {
        path {
          path = "/"
          backend {
            service {
              name = kubernetes_service_v1.this.metadata[0].name
              port {
                number = 80
              }
            }
          }
        }
      }
    }
  }
}

resource "kubernetes_horizontal_pod_autoscaler_v2" "this" {
  metadata {
    name      = "web"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }
  spec {
    max_replicas = 5
    scale_target_ref {
      api_version = "apps/v1"
      kind        = "Deployment"
      name        = kubernetes_deployment_v1.this.metadata[0].name
    }
  }
}

resource "kubernetes_network_policy_v1" "this" {
  metadata {
    name      = "web"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }
  spec {
    policy_types = ["Ingress"]
    pod_selector {
      match_labels = { app = "web" }
    }
  }
}

data "kubernetes_namespace_v1" "default" {
  metadata {
    name = "default"
  }
}

output "cluster_ip" {
  value = kubernetes_service_v1.this.spec[0].cluster_ip
}
