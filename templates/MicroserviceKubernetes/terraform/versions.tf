terraform {
  # 1.11 brings the write-only attributes that keep secret values out of the state.
  required_version = ">= 1.11"

  required_providers {
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = ">= 2.36, < 4"
    }
  }
}
