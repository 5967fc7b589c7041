# The normal form: every value below has been decided before Terraform starts.
# Names, defaults, ports, which objects to create and what autoscaling owns come
# from the manifest by the table in NORMAL-FORM.md; the files beside this one
# only lay them out. Every attribute is present, null where it does not apply.

variable "region" {
  description = "AWS region. Null lets the provider take it from its environment (AWS_REGION)."
  type        = string
}

variable "tags" {
  description = "Tags put on everything that takes tags."
  type        = map(string)
}

variable "cluster" {
  description = "The ECS cluster: a given one by ARN, or one to create (`arn` null, `create` set)."
  type = object({
    arn  = string
    name = string
    create = object({
      container_insights        = string       # disabled, enabled, enhanced
      capacity_providers        = list(string) # everything the cluster may use, the created one included
      service_connect_namespace = string       # ARN of the cluster's default Cloud Map namespace
      ec2_capacity_provider = object({
        name                           = string
        auto_scaling_group_arn         = string
        managed_scaling                = bool
        target_capacity_percent        = number
        minimum_scaling_step           = number
        maximum_scaling_step           = number
        instance_warmup_seconds        = number
        managed_termination_protection = bool
        managed_draining               = bool
      })
    })
  })
}

variable "service" {
  description = "The ECS service itself. `launch_type` is null when a capacity provider strategy decides where tasks run."
  type = object({
    name             = string
    launch_type      = string
    platform_version = string
    capacity_provider_strategy = list(object({
      capacity_provider = string
      weight            = number
      base              = number
    }))
    desired_count = number
    deployment = object({
      minimum_healthy_percent = number
      maximum_percent         = number
      circuit_breaker = object({
        enabled  = bool
        rollback = bool
      })
      alarms = object({
        names    = list(string)
        rollback = bool
      })
      wait_for_steady_state         = bool
      timeout_minutes               = number
      force_new_deployment          = bool
      availability_zone_rebalancing = string # ENABLED, DISABLED
    })
    health_check_grace_period_seconds = number # null without a load balancer
    enable_execute_command            = bool
    propagate_tags                    = string # SERVICE, TASK_DEFINITION, NONE
    enable_ecs_managed_tags           = bool
    placement_strategies = list(object({
      type  = string
      field = string
    }))
    placement_constraints = list(object({
      type       = string
      expression = string
    }))
    discovery_name = string # the name other services reach this one by, null when there is none
  })
}

variable "task" {
  description = "The task definition. `cpu` (units, 1024 = one vCPU) and `memory` (MiB) are the size of the whole task."
  type = object({
    family                   = string
    requires_compatibilities = list(string)
    network_mode             = string
    cpu                      = number
    memory                   = number
    cpu_architecture         = string # null leaves the choice to ECS (EXTERNAL only)
    operating_system_family  = string
    ephemeral_storage_gib    = number
    containers = list(object({
      name                       = string
      image                      = string
      essential                  = bool
      cpu                        = number # units; null = whatever the task has
      memory                     = number # MiB, hard limit
      memory_reservation         = number # MiB, soft limit
      entry_point                = list(string)
      command                    = list(string)
      working_directory          = string
      user                       = string
      readonly_root_filesystem   = bool
      init_process_enabled       = bool
      start_timeout_seconds      = number
      stop_timeout_seconds       = number
      repository_credentials_arn = string
      environment                = map(string)
      environment_files          = list(string)
      secrets = map(object({
        arn     = string # a given secret or parameter, as ECS takes it in valueFrom
        created = string # or the key of one in var.secrets
      }))
      ports = list(object({
        name           = string
        container_port = number
        host_port      = number
        protocol       = string
        app_protocol   = string
      }))
      health_check = object({
        command              = list(string)
        interval_seconds     = number
        timeout_seconds      = number
        retries              = number
        start_period_seconds = number
      })
      ulimits = list(object({
        name = string
        soft = number
        hard = number
      }))
      depends_on = list(object({
        container = string
        condition = string
      }))
      mount_points = list(object({
        volume    = string
        path      = string
        read_only = bool
      }))
      docker_labels     = map(string)
      log_stream_prefix = string
    }))
    volumes = list(object({
      name      = string
      host_path = string
      docker = object({
        scope         = string
        autoprovision = bool
        driver        = string
        driver_opts   = map(string)
        labels        = map(string)
      })
      efs = object({
        file_system_id     = string
        root_directory     = string # null with an access point, which has its own
        access_point_id    = string
        transit_encryption = string
        iam                = string
      })
    }))
  })
}

variable "network" {
  description = "Where awsvpc tasks live. `security_group` is set when the service gets a security group of its own."
  type = object({
    awsvpc           = bool
    vpc_id           = string # null: taken from the load balancer, else looked up from the first subnet
    subnets          = list(string)
    security_groups  = list(string)
    assign_public_ip = bool
    security_group = object({
      name = string
    })
  })
}

variable "roles" {
  description = "IAM roles. A role is given by `arn`, or created under `create` with exactly the permissions listed."
  type = object({
    permissions_boundary_arn = string
    execution = object({
      arn = string
      create = object({
        name                = string
        ecr_repository_arns = list(string)
        secret_arns         = list(string) # given Secrets Manager secrets, without key, stage and version
        parameter_arns      = list(string) # given SSM parameters
        env_file_arns       = list(string) # S3 objects
        kms_key_arns        = list(string) # customer keys those are encrypted with
        managed_policy_arns = list(string)
        statements = list(object({
          sid       = string
          effect    = string
          actions   = list(string)
          resources = list(string)
          conditions = list(object({
            test     = string
            variable = string
            values   = list(string)
          }))
        }))
      })
    })
    task = object({
      arn = string
      create = object({
        name            = string
        execute_command = bool
        efs = list(object({
          file_system_id  = string
          access_point_id = string
          write           = bool
        }))
        managed_policy_arns = list(string)
        statements = list(object({
          sid       = string
          effect    = string
          actions   = list(string)
          resources = list(string)
          conditions = list(object({
            test     = string
            variable = string
            values   = list(string)
          }))
        }))
      })
    })
  })
}

variable "logging" {
  description = "The CloudWatch log group of all containers. Null turns logging off; `create` null uses an existing group."
  type = object({
    group_name = string
    create = object({
      retention_days = number # 0 keeps for ever
      kms_key_arn    = string
    })
  })
}

variable "secrets" {
  description = "Secrets to create, keyed `<container>/<environment name>`. Their values travel apart, in secret_values."
  type = map(object({
    name                 = string
    store                = string # SECRETS_MANAGER, SSM
    revision             = number # fingerprint of the value: another number writes the value again
    kms_key_arn          = string
    recovery_window_days = number
  }))
}

variable "secret_values" {
  description = "Values of var.secrets under the same keys. Ephemeral: neither plan nor state holds them."
  type        = map(string)
  default     = {}
  ephemeral   = true
  sensitive   = true
}

variable "alb" {
  description = "HTTP load balancing: a target group behind a listener of a given or created Application Load Balancer."
  type = object({
    arn = string
    create = object({
      name            = string
      internal        = bool
      subnets         = list(string)
      security_groups = list(string)
      security_group = object({
        name               = string
        ingress_ipv4_cidrs = list(string)
        ingress_ipv6_cidrs = list(string)
      })
      ip_address_type      = string
      idle_timeout_seconds = number
      deletion_protection  = bool
      access_logs = object({
        bucket = string
        prefix = string
      })
    })
    listener_port     = number
    listener_protocol = string
    certificate_arn   = string # on a given listener: added to its certificates
    ssl_policy        = string
    redirect_port     = number # HTTP listener that redirects to the listener above
    rule = object({            # null: the created listener forwards everything
      priority  = number       # null: the next free one
      hostnames = list(string)
      paths     = list(string)
    })
    container_name = string
    container_port = number
    target_group = object({
      name                         = string
      protocol                     = string
      protocol_version             = string
      target_type                  = string
      port                         = number
      deregistration_delay_seconds = number
      slow_start_seconds           = number
      stickiness = object({
        cookie_name      = string # null: the load balancer's own cookie
        duration_seconds = number
      })
      health_check = object({
        protocol            = string
        path                = string
        port                = string
        matcher             = string
        interval_seconds    = number
        timeout_seconds     = number
        healthy_threshold   = number
        unhealthy_threshold = number
      })
    })
    url = object({
      host   = string # null: the load balancer's DNS name
      prefix = string # scheme and slashes
      suffix = string # port where it is not the scheme's own, and path
    })
  })
}

variable "nlb" {
  description = "TCP, UDP and TLS load balancing: one listener and one target group per entry, keyed by listener port."
  type = object({
    arn = string
    create = object({
      name            = string
      internal        = bool
      subnets         = list(string)
      security_groups = list(string)
      security_group = object({
        name               = string
        ingress_ipv4_cidrs = list(string)
        ingress_ipv6_cidrs = list(string)
      })
      ip_address_type     = string
      cross_zone          = bool
      deletion_protection = bool
      access_logs = object({
        bucket = string
        prefix = string
      })
    })
    listeners = map(object({
      port            = number
      protocol        = string
      certificate_arn = string
      ssl_policy      = string
      alpn_policy     = string
      container_name  = string
      container_port  = number
      target_group = object({
        name                         = string
        protocol                     = string
        target_type                  = string
        port                         = number
        deregistration_delay_seconds = number
        preserve_client_ip           = bool # null: the protocol's own default
        proxy_protocol_v2            = bool
        health_check = object({
          protocol            = string
          path                = string
          port                = string
          matcher             = string
          interval_seconds    = number
          timeout_seconds     = number
          healthy_threshold   = number
          unhealthy_threshold = number
        })
      })
    }))
  })
}

variable "autoscaling" {
  description = "Application Auto Scaling of the service's desired count. Null leaves the count to service.desired_count."
  type = object({
    min_tasks                  = number
    max_tasks                  = number
    target_cpu_percent         = number
    target_memory_percent      = number
    requests_per_target        = number # requests a minute for each task
    scale_in_cooldown_seconds  = number
    scale_out_cooldown_seconds = number
    schedules = map(object({
      expression = string # cron(...), at(...), rate(...)
      timezone   = string
      min_tasks  = number
      max_tasks  = number
    }))
  })
}

variable "service_connect" {
  description = "Service Connect. With no services the tasks only call others by name. `enabled` false takes a running service out of it; null never mentions it."
  type = object({
    enabled   = bool
    namespace = string # null: the cluster's default
    services = list(object({
      port_name             = string
      discovery_name        = string
      ingress_port_override = number
      client_alias = object({
        port     = number
        dns_name = string
      })
      timeout = object({
        idle_seconds        = number
        per_request_seconds = number
      })
    }))
  })
}

variable "service_discovery" {
  description = "A Cloud Map service with a DNS record for each task."
  type = object({
    namespace_id   = string
    name           = string
    record_type    = string # A, AAAA, SRV
    ttl_seconds    = number
    container_name = string # SRV only
    container_port = number
  })
}
