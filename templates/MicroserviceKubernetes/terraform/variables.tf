# The normal form: every value below has been decided before Terraform starts.
# Names, defaults, ports, hosts, which objects to create and what autoscaling owns come
# from the manifest by the tables in NORMAL-FORM.md; the files beside this one
# only lay them out. Every attribute is present, null where it does not apply.

variable "namespace" {
  description = "Namespace of everything. It is created or it exists."
  type = object({
    name   = string
    create = bool
  })
}

variable "labels" {
  description = "Labels of all objects."
  type        = map(string)
}

variable "annotations" {
  description = "Annotations of all objects. Pods have their own, in var.pod."
  type        = map(string)
}

variable "selector" {
  description = "Labels that tell this service's pods from all others. They depend on the name alone, for a Deployment's selector cannot change."
  type        = map(string)
}

variable "service_account" {
  description = "Service account of the pods: a given one, or one to create."
  type = object({
    name = string
    create = object({
      annotations        = map(string)
      image_pull_secrets = list(string)
    })
  })
}

variable "config_maps" {
  description = "ConfigMaps to create, by name."
  type = map(object({
    data = map(string)
  }))
}

variable "secrets" {
  description = "Secrets to create, by name. Their values travel apart, in secret_values."
  type = map(object({
    type     = string # Opaque, kubernetes.io/dockerconfigjson
    keys     = list(string)
    revision = number # fingerprint of the values: another number writes them again
  }))
}

variable "secret_values" {
  description = "Values of var.secrets, keyed `<secret>/<key>`. Ephemeral: neither plan nor state holds them."
  type        = map(string)
  default     = {}
  ephemeral   = true
  sensitive   = true
}

variable "deployment" {
  description = "The Deployment itself. `replicas` is what a new one starts with when var.autoscaling is set."
  type = object({
    name                      = string
    replicas                  = number
    min_ready_seconds         = number
    revision_history_limit    = number
    progress_deadline_seconds = number
    wait_for_rollout          = bool
    rollout_timeout_seconds   = number
    strategy = object({
      type = string # RollingUpdate, Recreate
      rolling_update = object({
        max_unavailable = string
        max_surge       = string
      })
    })
  })
}

variable "pod" {
  description = "The pod template. Its containers and init containers have the same shape; what one cannot have is null or empty."
  type = object({
    labels                           = map(string)
    annotations                      = map(string)
    automount_service_account_token  = bool
    image_pull_secrets               = list(string) # with a given service account; a created one has them itself
    termination_grace_period_seconds = number
    dns_policy                       = string
    enable_service_links             = bool
    share_process_namespace          = bool
    node_selector                    = map(string)
    priority_class_name              = string
    runtime_class_name               = string
    scheduler_name                   = string
    security_context = object({
      run_as_user            = number
      run_as_group           = number
      run_as_non_root        = bool
      fs_group               = number
      fs_group_change_policy = string
      supplemental_groups    = list(number)
      seccomp_profile = object({
        type              = string
        localhost_profile = string
      })
    })
    node_affinity = list(object({
      key      = string
      operator = string
      values   = list(string)
    }))
    tolerations = list(object({
      key                = string
      operator           = string
      value              = string
      effect             = string
      toleration_seconds = number
    }))
    topology_spread = list(object({
      topology_key       = string
      max_skew           = number
      when_unsatisfiable = string
      min_domains        = number
    }))
    host_aliases = list(object({
      ip        = string
      hostnames = list(string)
    }))
    containers = list(object({
      name              = string
      image             = string
      image_pull_policy = string
      command           = list(string) # null: as in the image
      args              = list(string) # null: as in the image
      working_dir       = string
      env = list(object({ # exactly one of the last five
        name  = string
        value = string
        config_map_key_ref = object({
          name     = string
          key      = string
          optional = bool
        })
        secret_key_ref = object({
          name     = string
          key      = string
          optional = bool
        })
        field_ref = object({
          api_version = string
          field_path  = string
        })
        resource_field_ref = object({
          container_name = string
          resource       = string
          divisor        = string
        })
      }))
      env_from = list(object({ # exactly one of the last two
        prefix = string
        config_map_ref = object({
          name     = string
          optional = bool
        })
        secret_ref = object({
          name     = string
          optional = bool
        })
      }))
      ports = list(object({ # TCP and UDP; the provider takes no SCTP here
        name           = string
        container_port = number
        protocol       = string
      }))
      resources = object({
        limits   = map(string)
        requests = map(string)
      })
      liveness_probe = object({
        initial_delay_seconds = number
        period_seconds        = number
        timeout_seconds       = number
        success_threshold     = number
        failure_threshold     = number
        http_get = object({
          path    = string
          port    = number
          host    = string
          scheme  = string
          headers = list(object({ name = string, value = string }))
        })
        grpc = object({
          port    = number
          service = string
        })
        tcp_socket = object({
          port = number
        })
        exec = object({
          command = list(string)
        })
      })
      readiness_probe = object({
        initial_delay_seconds = number
        period_seconds        = number
        timeout_seconds       = number
        success_threshold     = number
        failure_threshold     = number
        http_get = object({
          path    = string
          port    = number
          host    = string
          scheme  = string
          headers = list(object({ name = string, value = string }))
        })
        grpc = object({
          port    = number
          service = string
        })
        tcp_socket = object({
          port = number
        })
        exec = object({
          command = list(string)
        })
      })
      startup_probe = object({
        initial_delay_seconds = number
        period_seconds        = number
        timeout_seconds       = number
        success_threshold     = number
        failure_threshold     = number
        http_get = object({
          path    = string
          port    = number
          host    = string
          scheme  = string
          headers = list(object({ name = string, value = string }))
        })
        grpc = object({
          port    = number
          service = string
        })
        tcp_socket = object({
          port = number
        })
        exec = object({
          command = list(string)
        })
      })
      pre_stop = object({ # exactly one
        exec = object({
          command = list(string)
        })
        http_get = object({
          path    = string
          port    = number
          host    = string
          scheme  = string
          headers = list(object({ name = string, value = string }))
        })
      })
      volume_mounts = list(object({
        name       = string
        mount_path = string
        sub_path   = string
        read_only  = bool
      }))
      security_context = object({
        allow_privilege_escalation = bool
        privileged                 = bool
        read_only_root_filesystem  = bool
        run_as_user                = number
        run_as_group               = number
        run_as_non_root            = bool
        capabilities = object({
          add  = list(string)
          drop = list(string)
        })
        seccomp_profile = object({
          type              = string
          localhost_profile = string
        })
      })
    }))
    init_containers = list(object({
      name              = string
      image             = string
      image_pull_policy = string
      command           = list(string)
      args              = list(string)
      working_dir       = string
      env = list(object({
        name  = string
        value = string
        config_map_key_ref = object({
          name     = string
          key      = string
          optional = bool
        })
        secret_key_ref = object({
          name     = string
          key      = string
          optional = bool
        })
        field_ref = object({
          api_version = string
          field_path  = string
        })
        resource_field_ref = object({
          container_name = string
          resource       = string
          divisor        = string
        })
      }))
      env_from = list(object({
        prefix = string
        config_map_ref = object({
          name     = string
          optional = bool
        })
        secret_ref = object({
          name     = string
          optional = bool
        })
      }))
      resources = object({
        limits   = map(string)
        requests = map(string)
      })
      volume_mounts = list(object({
        name       = string
        mount_path = string
        sub_path   = string
        read_only  = bool
      }))
      security_context = object({
        allow_privilege_escalation = bool
        privileged                 = bool
        read_only_root_filesystem  = bool
        run_as_user                = number
        run_as_group               = number
        run_as_non_root            = bool
        capabilities = object({
          add  = list(string)
          drop = list(string)
        })
        seccomp_profile = object({
          type              = string
          localhost_profile = string
        })
      })
    }))
    volumes = list(object({ # exactly one of the sources
      name = string
      config_map = object({
        name         = string
        default_mode = string # octal, as 0644
        optional     = bool
        items        = list(object({ key = string, path = string, mode = string }))
      })
      secret = object({
        name         = string
        default_mode = string
        optional     = bool
        items        = list(object({ key = string, path = string, mode = string }))
      })
      empty_dir = object({
        medium     = string
        size_limit = string
      })
      host_path = object({
        path = string
        type = string
      })
      persistent_volume_claim = object({
        claim_name = string
        read_only  = bool
      })
      csi = object({
        driver              = string
        fs_type             = string
        read_only           = bool
        attributes          = map(string)
        publish_secret_name = string
      })
      nfs = object({
        server    = string
        path      = string
        read_only = bool
      })
      service_account_token = object({
        audience           = string
        expiration_seconds = number
        path               = string
      })
    }))
  })
}

variable "service" {
  description = "The Service. Null when the service has no ports, for the API refuses one without."
  type = object({
    name                        = string
    type                        = string
    annotations                 = map(string)
    external_traffic_policy     = string
    load_balancer_class         = string
    load_balancer_source_ranges = list(string)
    session_affinity            = string
    ports = list(object({
      name         = string
      port         = number
      target_port  = number
      protocol     = string
      app_protocol = string
    }))
  })
}

variable "ingresses" {
  description = "Ingress objects, keyed `external` and `internal`."
  type = map(object({
    name        = string
    class_name  = string # null: the cluster's default class
    annotations = map(string)
    hosts       = list(string)
    paths = list(object({
      path      = string
      path_type = string
      port      = number
    }))
    tls = object({
      secret_name = string
    })
  }))
}

variable "routes" {
  description = "HTTPRoutes of the Gateway API, keyed `external` and `internal`."
  type = map(object({
    name = string
    parent = object({
      name         = string
      namespace    = string
      section_name = string
    })
    hosts = list(string)
    paths = list(object({
      path      = string
      path_type = string # PathPrefix, Exact
      port      = number
    }))
    redirect = object({
      name         = string
      section_name = string
    })
  }))
}

variable "autoscaling" {
  description = "The HorizontalPodAutoscaler. Null leaves the number of pods to deployment.replicas."
  type = object({
    name         = string
    min_replicas = number
    max_replicas = number
    metrics = list(object({
      type      = string # Resource, ContainerResource, Pods, Object, External
      name      = string
      container = string
      described_object = object({
        api_version = string
        kind        = string
        name        = string
      })
      selector = map(string) # null: all series
      target = object({
        type                = string # Utilization, AverageValue, Value
        average_utilization = number
        average_value       = string
        value               = string
      })
    }))
    scale_up = object({
      stabilization_window_seconds = number
      select_policy                = string
      policies                     = list(object({ type = string, value = number, period_seconds = number }))
    })
    scale_down = object({
      stabilization_window_seconds = number
      select_policy                = string
      policies                     = list(object({ type = string, value = number, period_seconds = number }))
    })
  })
}

variable "disruption_budget" {
  description = "The PodDisruptionBudget: one of the two numbers."
  type = object({
    name            = string
    min_available   = string
    max_unavailable = string
  })
}

variable "network_policy" {
  description = "The NetworkPolicy. A null list leaves that direction open; an empty one closes it."
  type = object({
    name = string
    ingress = list(object({
      peers = list(object({ # empty: anybody
        pod_labels       = map(string)
        namespace_labels = map(string)
        cidr             = string
        except           = list(string)
      }))
      ports = list(object({ # empty: all
        port     = number
        end_port = number
        protocol = string
      }))
    }))
    egress = list(object({
      peers = list(object({
        pod_labels       = map(string)
        namespace_labels = map(string)
        cidr             = string
        except           = list(string)
      }))
      ports = list(object({
        port     = number
        end_port = number
        protocol = string
      }))
    }))
  })
}

variable "endpoints" {
  description = "Where the service is reached, for the outputs."
  type = object({
    kube_endpoint        = string
    port_forward_command = string
    external_hostname    = string
    external_url         = string
    internal_hostname    = string
    internal_url         = string
  })
}

variable "connection" {
  description = "The cluster and the credentials for it; see providers.tf. Ephemeral: neither plan nor state holds it."
  type        = map(string)
  ephemeral   = true
  sensitive   = true
  nullable    = false

  validation {
    # Of a provider with neither, all plans succeed; inside a pod its applies then reach that pod's
    # own cluster. Of both, the file's credentials would go to the other host.
    condition = (
      (lookup(var.connection, "config_path", "") != "" && lookup(var.connection, "config_context", "") != "") !=
      (lookup(var.connection, "host", "") != "")
    )
    error_message = "The connection names no cluster, or two: it takes config_path and config_context, or host."
  }

  validation {
    condition = length(setsubtract(keys(var.connection), [
      "config_path", "config_context", "host", "cluster_ca_certificate", "token", "client_certificate",
      "client_key", "tls_server_name", "proxy_url", "insecure",
    ])) == 0
    error_message = "The connection has a key that is none of those in providers.tf."
  }
}
