resource "kubernetes_deployment_v1" "this" {
  metadata {
    name        = var.deployment.name
    namespace   = local.namespace
    labels      = var.labels
    annotations = var.annotations
  }

  wait_for_rollout = var.deployment.wait_for_rollout

  spec {
    replicas                  = var.deployment.replicas
    min_ready_seconds         = var.deployment.min_ready_seconds
    revision_history_limit    = var.deployment.revision_history_limit
    progress_deadline_seconds = var.deployment.progress_deadline_seconds

    selector {
      match_labels = var.selector
    }

    strategy {
      type = var.deployment.strategy.type
      dynamic "rolling_update" {
        for_each = var.deployment.strategy.rolling_update[*]
        content {
          max_unavailable = rolling_update.value.max_unavailable
          max_surge       = rolling_update.value.max_surge
        }
      }
    }

    template {
      metadata {
        labels      = var.pod.labels
        annotations = var.pod.annotations
      }

      spec {
        service_account_name             = var.service_account.name
        automount_service_account_token  = var.pod.automount_service_account_token
        termination_grace_period_seconds = var.pod.termination_grace_period_seconds
        dns_policy                       = var.pod.dns_policy
        enable_service_links             = var.pod.enable_service_links
        share_process_namespace          = var.pod.share_process_namespace
        node_selector                    = var.pod.node_selector
        priority_class_name              = var.pod.priority_class_name
        runtime_class_name               = var.pod.runtime_class_name
        scheduler_name                   = var.pod.scheduler_name

        dynamic "image_pull_secrets" {
          for_each = var.pod.image_pull_secrets
          content {
            name = image_pull_secrets.value
          }
        }

        security_context {
          run_as_user            = var.pod.security_context.run_as_user
          run_as_group           = var.pod.security_context.run_as_group
          run_as_non_root        = var.pod.security_context.run_as_non_root
          fs_group               = var.pod.security_context.fs_group
          fs_group_change_policy = var.pod.security_context.fs_group_change_policy
          supplemental_groups    = var.pod.security_context.supplemental_groups
          seccomp_profile {
            type              = var.pod.security_context.seccomp_profile.type
            localhost_profile = var.pod.security_context.seccomp_profile.localhost_profile
          }
        }

        dynamic "affinity" {
          for_each = length(var.pod.node_affinity) > 0 ? [var.pod.node_affinity] : []
          content {
            node_affinity {
              required_during_scheduling_ignored_during_execution {
                node_selector_term {
                  dynamic "match_expressions" {
                    for_each = affinity.value
                    content {
                      key      = match_expressions.value.key
                      operator = match_expressions.value.operator
                      values   = match_expressions.value.values
                    }
                  }
                }
              }
            }
          }
        }

        dynamic "toleration" {
          for_each = var.pod.tolerations
          content {
            key                = toleration.value.key
            operator           = toleration.value.operator
            value              = toleration.value.value
            effect             = toleration.value.effect
            toleration_seconds = toleration.value.toleration_seconds
          }
        }

        dynamic "topology_spread_constraint" {
          for_each = var.pod.topology_spread
          content {
            topology_key       = topology_spread_constraint.value.topology_key
            max_skew           = topology_spread_constraint.value.max_skew
            when_unsatisfiable = topology_spread_constraint.value.when_unsatisfiable
            min_domains        = topology_spread_constraint.value.min_domains
            # Old and new pods of a roll-out are spread apart, lest the old ones decide
            # where the new ones end up.
            match_label_keys = ["pod-template-hash"]
            label_selector {
              match_labels = var.selector
            }
          }
        }

        dynamic "host_aliases" {
          for_each = var.pod.host_aliases
          content {
            ip        = host_aliases.value.ip
            hostnames = host_aliases.value.hostnames
          }
        }

        dynamic "init_container" {
          for_each = var.pod.init_containers
          content {
            name                       = init_container.value.name
            image                      = init_container.value.image
            image_pull_policy          = init_container.value.image_pull_policy
            command                    = init_container.value.command
            args                       = init_container.value.args
            working_dir                = init_container.value.working_dir
            termination_message_policy = "FallbackToLogsOnError"

            dynamic "env" {
              for_each = init_container.value.env
              content {
                name  = env.value.name
                value = env.value.value

                dynamic "value_from" {
                  for_each = env.value.value == null ? [env.value] : []
                  content {
                    dynamic "config_map_key_ref" {
                      for_each = value_from.value.config_map_key_ref[*]
                      content {
                        name     = config_map_key_ref.value.name
                        key      = config_map_key_ref.value.key
                        optional = config_map_key_ref.value.optional
                      }
                    }
                    dynamic "secret_key_ref" {
                      for_each = value_from.value.secret_key_ref[*]
                      content {
                        name     = secret_key_ref.value.name
                        key      = secret_key_ref.value.key
                        optional = secret_key_ref.value.optional
                      }
                    }
                    dynamic "field_ref" {
                      for_each = value_from.value.field_ref[*]
                      content {
                        api_version = field_ref.value.api_version
                        field_path  = field_ref.value.field_path
                      }
                    }
                    dynamic "resource_field_ref" {
                      for_each = value_from.value.resource_field_ref[*]
                      content {
                        container_name = resource_field_ref.value.container_name
                        resource       = resource_field_ref.value.resource
                        divisor        = resource_field_ref.value.divisor
                      }
                    }
                  }
                }
              }
            }

            dynamic "env_from" {
              for_each = init_container.value.env_from
              content {
                prefix = env_from.value.prefix
                dynamic "config_map_ref" {
                  for_each = env_from.value.config_map_ref[*]
                  content {
                    name     = config_map_ref.value.name
                    optional = config_map_ref.value.optional
                  }
                }
                dynamic "secret_ref" {
                  for_each = env_from.value.secret_ref[*]
                  content {
                    name     = secret_ref.value.name
                    optional = secret_ref.value.optional
                  }
                }
              }
            }

            # Always there: the provider keeps an old block where there is none.
            resources {
              limits   = init_container.value.resources.limits
              requests = init_container.value.resources.requests
            }

            dynamic "volume_mount" {
              for_each = init_container.value.volume_mounts
              content {
                name       = volume_mount.value.name
                mount_path = volume_mount.value.mount_path
                sub_path   = volume_mount.value.sub_path
                read_only  = volume_mount.value.read_only
              }
            }

            security_context {
              allow_privilege_escalation = init_container.value.security_context.allow_privilege_escalation
              privileged                 = init_container.value.security_context.privileged
              read_only_root_filesystem  = init_container.value.security_context.read_only_root_filesystem
              run_as_user                = init_container.value.security_context.run_as_user
              run_as_group               = init_container.value.security_context.run_as_group
              run_as_non_root            = init_container.value.security_context.run_as_non_root

              dynamic "capabilities" {
                for_each = init_container.value.security_context.capabilities[*]
                content {
                  add  = capabilities.value.add
                  drop = capabilities.value.drop
                }
              }
              dynamic "seccomp_profile" {
                for_each = init_container.value.security_context.seccomp_profile[*]
                content {
                  type              = seccomp_profile.value.type
                  localhost_profile = seccomp_profile.value.localhost_profile
                }
              }
            }
          }
        }

        dynamic "container" {
          for_each = var.pod.containers
          content {
            name                       = container.value.name
            image                      = container.value.image
            image_pull_policy          = container.value.image_pull_policy
            command                    = container.value.command
            args                       = container.value.args
            working_dir                = container.value.working_dir
            termination_message_policy = "FallbackToLogsOnError"

            dynamic "env" {
              for_each = container.value.env
              content {
                name  = env.value.name
                value = env.value.value

                dynamic "value_from" {
                  for_each = env.value.value == null ? [env.value] : []
                  content {
                    dynamic "config_map_key_ref" {
                      for_each = value_from.value.config_map_key_ref[*]
                      content {
                        name     = config_map_key_ref.value.name
                        key      = config_map_key_ref.value.key
                        optional = config_map_key_ref.value.optional
                      }
                    }
                    dynamic "secret_key_ref" {
                      for_each = value_from.value.secret_key_ref[*]
                      content {
                        name     = secret_key_ref.value.name
                        key      = secret_key_ref.value.key
                        optional = secret_key_ref.value.optional
                      }
                    }
                    dynamic "field_ref" {
                      for_each = value_from.value.field_ref[*]
                      content {
                        api_version = field_ref.value.api_version
                        field_path  = field_ref.value.field_path
                      }
                    }
                    dynamic "resource_field_ref" {
                      for_each = value_from.value.resource_field_ref[*]
                      content {
                        container_name = resource_field_ref.value.container_name
                        resource       = resource_field_ref.value.resource
                        divisor        = resource_field_ref.value.divisor
                      }
                    }
                  }
                }
              }
            }

            dynamic "env_from" {
              for_each = container.value.env_from
              content {
                prefix = env_from.value.prefix
                dynamic "config_map_ref" {
                  for_each = env_from.value.config_map_ref[*]
                  content {
                    name     = config_map_ref.value.name
                    optional = config_map_ref.value.optional
                  }
                }
                dynamic "secret_ref" {
                  for_each = env_from.value.secret_ref[*]
                  content {
                    name     = secret_ref.value.name
                    optional = secret_ref.value.optional
                  }
                }
              }
            }

            dynamic "port" {
              for_each = container.value.ports
              content {
                name           = port.value.name
                container_port = port.value.container_port
                protocol       = port.value.protocol
              }
            }

            # Always there: the provider keeps an old block where there is none.
            resources {
              limits   = container.value.resources.limits
              requests = container.value.resources.requests
            }

            dynamic "liveness_probe" {
              for_each = container.value.liveness_probe[*]
              content {
                initial_delay_seconds = liveness_probe.value.initial_delay_seconds
                period_seconds        = liveness_probe.value.period_seconds
                timeout_seconds       = liveness_probe.value.timeout_seconds
                success_threshold     = liveness_probe.value.success_threshold
                failure_threshold     = liveness_probe.value.failure_threshold

                dynamic "http_get" {
                  for_each = liveness_probe.value.http_get[*]
                  content {
                    path   = http_get.value.path
                    port   = http_get.value.port
                    host   = http_get.value.host
                    scheme = http_get.value.scheme
                    dynamic "http_header" {
                      for_each = http_get.value.headers
                      content {
                        name  = http_header.value.name
                        value = http_header.value.value
                      }
                    }
                  }
                }
                dynamic "exec" {
                  for_each = liveness_probe.value.exec[*]
                  content {
                    command = exec.value.command
                  }
                }

                dynamic "grpc" {
                  for_each = liveness_probe.value.grpc[*]
                  content {
                    port    = grpc.value.port
                    service = grpc.value.service
                  }
                }
                dynamic "tcp_socket" {
                  for_each = liveness_probe.value.tcp_socket[*]
                  content {
                    port = tcp_socket.value.port
                  }
                }
              }
            }

            dynamic "readiness_probe" {
              for_each = container.value.readiness_probe[*]
              content {
                initial_delay_seconds = readiness_probe.value.initial_delay_seconds
                period_seconds        = readiness_probe.value.period_seconds
                timeout_seconds       = readiness_probe.value.timeout_seconds
                success_threshold     = readiness_probe.value.success_threshold
                failure_threshold     = readiness_probe.value.failure_threshold

                dynamic "http_get" {
                  for_each = readiness_probe.value.http_get[*]
                  content {
                    path   = http_get.value.path
                    port   = http_get.value.port
                    host   = http_get.value.host
                    scheme = http_get.value.scheme
                    dynamic "http_header" {
                      for_each = http_get.value.headers
                      content {
                        name  = http_header.value.name
                        value = http_header.value.value
                      }
                    }
                  }
                }
                dynamic "exec" {
                  for_each = readiness_probe.value.exec[*]
                  content {
                    command = exec.value.command
                  }
                }

                dynamic "grpc" {
                  for_each = readiness_probe.value.grpc[*]
                  content {
                    port    = grpc.value.port
                    service = grpc.value.service
                  }
                }
                dynamic "tcp_socket" {
                  for_each = readiness_probe.value.tcp_socket[*]
                  content {
                    port = tcp_socket.value.port
                  }
                }
              }
            }

            dynamic "startup_probe" {
              for_each = container.value.startup_probe[*]
              content {
                initial_delay_seconds = startup_probe.value.initial_delay_seconds
                period_seconds        = startup_probe.value.period_seconds
                timeout_seconds       = startup_probe.value.timeout_seconds
                success_threshold     = startup_probe.value.success_threshold
                failure_threshold     = startup_probe.value.failure_threshold

                dynamic "http_get" {
                  for_each = startup_probe.value.http_get[*]
                  content {
                    path   = http_get.value.path
                    port   = http_get.value.port
                    host   = http_get.value.host
                    scheme = http_get.value.scheme
                    dynamic "http_header" {
                      for_each = http_get.value.headers
                      content {
                        name  = http_header.value.name
                        value = http_header.value.value
                      }
                    }
                  }
                }
                dynamic "exec" {
                  for_each = startup_probe.value.exec[*]
                  content {
                    command = exec.value.command
                  }
                }

                dynamic "grpc" {
                  for_each = startup_probe.value.grpc[*]
                  content {
                    port    = grpc.value.port
                    service = grpc.value.service
                  }
                }
                dynamic "tcp_socket" {
                  for_each = startup_probe.value.tcp_socket[*]
                  content {
                    port = tcp_socket.value.port
                  }
                }
              }
            }

            dynamic "lifecycle" {
              for_each = container.value.pre_stop[*]
              content {
                pre_stop {
                  dynamic "http_get" {
                    for_each = lifecycle.value.http_get[*]
                    content {
                      path   = http_get.value.path
                      port   = http_get.value.port
                      host   = http_get.value.host
                      scheme = http_get.value.scheme
                      dynamic "http_header" {
                        for_each = http_get.value.headers
                        content {
                          name  = http_header.value.name
                          value = http_header.value.value
                        }
                      }
                    }
                  }
                  dynamic "exec" {
                    for_each = lifecycle.value.exec[*]
                    content {
                      command = exec.value.command
                    }
                  }
                }
              }
            }

            dynamic "volume_mount" {
              for_each = container.value.volume_mounts
              content {
                name       = volume_mount.value.name
                mount_path = volume_mount.value.mount_path
                sub_path   = volume_mount.value.sub_path
                read_only  = volume_mount.value.read_only
              }
            }

            security_context {
              allow_privilege_escalation = container.value.security_context.allow_privilege_escalation
              privileged                 = container.value.security_context.privileged
              read_only_root_filesystem  = container.value.security_context.read_only_root_filesystem
              run_as_user                = container.value.security_context.run_as_user
              run_as_group               = container.value.security_context.run_as_group
              run_as_non_root            = container.value.security_context.run_as_non_root

              dynamic "capabilities" {
                for_each = container.value.security_context.capabilities[*]
                content {
                  add  = capabilities.value.add
                  drop = capabilities.value.drop
                }
              }
              dynamic "seccomp_profile" {
                for_each = container.value.security_context.seccomp_profile[*]
                content {
                  type              = seccomp_profile.value.type
                  localhost_profile = seccomp_profile.value.localhost_profile
                }
              }
            }
          }
        }

        dynamic "volume" {
          for_each = var.pod.volumes
          content {
            name = volume.value.name

            dynamic "config_map" {
              for_each = volume.value.config_map[*]
              content {
                name         = config_map.value.name
                default_mode = config_map.value.default_mode
                optional     = config_map.value.optional
                dynamic "items" {
                  for_each = config_map.value.items
                  content {
                    key  = items.value.key
                    path = items.value.path
                    mode = items.value.mode
                  }
                }
              }
            }

            dynamic "secret" {
              for_each = volume.value.secret[*]
              content {
                secret_name  = secret.value.name
                default_mode = secret.value.default_mode
                optional     = secret.value.optional
                dynamic "items" {
                  for_each = secret.value.items
                  content {
                    key  = items.value.key
                    path = items.value.path
                    mode = items.value.mode
                  }
                }
              }
            }

            dynamic "empty_dir" {
              for_each = volume.value.empty_dir[*]
              content {
                medium     = empty_dir.value.medium
                size_limit = empty_dir.value.size_limit
              }
            }
            dynamic "host_path" {
              for_each = volume.value.host_path[*]
              content {
                path = host_path.value.path
                type = host_path.value.type
              }
            }
            dynamic "persistent_volume_claim" {
              for_each = volume.value.persistent_volume_claim[*]
              content {
                claim_name = persistent_volume_claim.value.claim_name
                read_only  = persistent_volume_claim.value.read_only
              }
            }
            dynamic "csi" {
              for_each = volume.value.csi[*]
              content {
                driver            = csi.value.driver
                fs_type           = csi.value.fs_type
                read_only         = csi.value.read_only
                volume_attributes = csi.value.attributes
                dynamic "node_publish_secret_ref" {
                  for_each = csi.value.publish_secret_name[*]
                  content {
                    name = node_publish_secret_ref.value
                  }
                }
              }
            }
            dynamic "nfs" {
              for_each = volume.value.nfs[*]
              content {
                server    = nfs.value.server
                path      = nfs.value.path
                read_only = nfs.value.read_only
              }
            }
            dynamic "projected" {
              for_each = volume.value.service_account_token[*]
              content {
                sources {
                  service_account_token {
                    audience           = projected.value.audience
                    expiration_seconds = projected.value.expiration_seconds
                    path               = projected.value.path
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  timeouts {
    create = "${var.deployment.rollout_timeout_seconds}s"
    update = "${var.deployment.rollout_timeout_seconds}s"
  }

  # Pods start with what they read, under the account and the policy that they are to have.
  depends_on = [
    kubernetes_service_account_v1.this,
    kubernetes_config_map_v1.this,
    kubernetes_secret_v1.this,
    kubernetes_network_policy_v1.this,
  ]
}
