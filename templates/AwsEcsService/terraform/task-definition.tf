locals {
  # ECS fills in what is left out, and the provider compares with what ECS answers; so
  # what does not apply is left out rather than written as null or empty.
  container_definitions = [
    for container in var.task.containers : {
      for key, value in {
        name                   = container.name
        image                  = container.image
        essential              = container.essential
        cpu                    = container.cpu
        memory                 = container.memory
        memoryReservation      = container.memory_reservation
        entryPoint             = container.entry_point
        command                = container.command
        workingDirectory       = container.working_directory
        user                   = container.user
        readonlyRootFilesystem = container.readonly_root_filesystem ? true : null
        startTimeout           = container.start_timeout_seconds
        stopTimeout            = container.stop_timeout_seconds

        linuxParameters = container.init_process_enabled == null ? null : {
          initProcessEnabled = container.init_process_enabled
        }

        repositoryCredentials = container.repository_credentials_arn == null ? null : {
          credentialsParameter = container.repository_credentials_arn
        }

        environment = length(container.environment) == 0 ? null : [
          for name, value in container.environment : { name = name, value = value }
        ]

        environmentFiles = length(container.environment_files) == 0 ? null : [
          for arn in container.environment_files : { type = "s3", value = arn }
        ]

        secrets = length(container.secrets) == 0 ? null : [
          for name, secret in container.secrets : {
            name      = name
            valueFrom = secret.arn != null ? secret.arn : local.created_secrets[secret.created]
          }
        ]

        portMappings = length(container.ports) == 0 ? null : [
          for port in container.ports : {
            for key, value in {
              name          = port.name
              containerPort = port.container_port
              hostPort      = port.host_port
              protocol      = port.protocol
              appProtocol   = port.app_protocol
            } : key => value if value != null
          }
        ]

        healthCheck = container.health_check == null ? null : {
          command     = container.health_check.command
          interval    = container.health_check.interval_seconds
          timeout     = container.health_check.timeout_seconds
          retries     = container.health_check.retries
          startPeriod = container.health_check.start_period_seconds
        }

        ulimits = length(container.ulimits) == 0 ? null : [
          for ulimit in container.ulimits : {
            name      = ulimit.name
            softLimit = ulimit.soft
            hardLimit = ulimit.hard
          }
        ]

        dependsOn = length(container.depends_on) == 0 ? null : [
          for dependency in container.depends_on : {
            containerName = dependency.container
            condition     = dependency.condition
          }
        ]

        mountPoints = length(container.mount_points) == 0 ? null : [
          for mount in container.mount_points : {
            sourceVolume  = mount.volume
            containerPath = mount.path
            readOnly      = mount.read_only
          }
        ]

        dockerLabels = length(container.docker_labels) == 0 ? null : container.docker_labels

        logConfiguration = var.logging == null ? null : {
          logDriver = "awslogs"
          options = {
            "awslogs-group"         = var.logging.group_name
            "awslogs-region"        = local.region
            "awslogs-stream-prefix" = container.log_stream_prefix
          }
        }
      } : key => value if value != null
    }
  ]
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.task.family
  requires_compatibilities = var.task.requires_compatibilities
  network_mode             = var.task.network_mode
  cpu                      = var.task.cpu
  memory                   = var.task.memory
  execution_role_arn       = local.execution_role_arn
  task_role_arn            = local.task_role_arn
  container_definitions    = jsonencode(local.container_definitions)

  dynamic "runtime_platform" {
    for_each = var.task.operating_system_family[*]

    content {
      cpu_architecture        = var.task.cpu_architecture
      operating_system_family = var.task.operating_system_family
    }
  }

  dynamic "ephemeral_storage" {
    for_each = var.task.ephemeral_storage_gib[*]

    content {
      size_in_gib = ephemeral_storage.value
    }
  }

  dynamic "volume" {
    for_each = var.task.volumes

    content {
      name      = volume.value.name
      host_path = volume.value.host_path

      dynamic "docker_volume_configuration" {
        for_each = volume.value.docker[*]

        content {
          scope         = docker_volume_configuration.value.scope
          autoprovision = docker_volume_configuration.value.autoprovision
          driver        = docker_volume_configuration.value.driver
          driver_opts   = docker_volume_configuration.value.driver_opts
          labels        = docker_volume_configuration.value.labels
        }
      }

      dynamic "efs_volume_configuration" {
        for_each = volume.value.efs[*]

        content {
          file_system_id     = efs_volume_configuration.value.file_system_id
          root_directory     = efs_volume_configuration.value.root_directory
          transit_encryption = efs_volume_configuration.value.transit_encryption

          authorization_config {
            access_point_id = efs_volume_configuration.value.access_point_id
            iam             = efs_volume_configuration.value.iam
          }
        }
      }
    }
  }

  tags = var.tags

  lifecycle {
    # The revision that runs is deregistered only after the service has left it, for
    # until then the circuit breaker may have to go back to it.
    create_before_destroy = true
  }
}
