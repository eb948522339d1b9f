resource "aws_cloudwatch_log_group" "task" {
  name              = "/opslib/${var.environment}"
  retention_in_days = var.log_days
}

resource "aws_ecs_task_definition" "reports" {
  family                   = local.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  task_role_arn            = aws_iam_role.task.arn
  execution_role_arn       = aws_iam_role.execution.arn

  container_definitions = jsonencode([
    {
      name                   = "opslib"
      image                  = var.image
      essential              = true
      user                   = "10001:10001"
      readonlyRootFilesystem = true
      stopTimeout            = 120
      linuxParameters = {
        initProcessEnabled = true
        capabilities       = { drop = ["ALL"] }
      }
      mountPoints = [
        { sourceVolume = "reports", containerPath = "/opt/opslib/reports", readOnly = false },
        { sourceVolume = "scratch", containerPath = "/tmp", readOnly = false },
      ]
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.task.name
          awslogs-region        = data.aws_region.current.region
          awslogs-stream-prefix = "reports"
        }
      }
    },
  ])

  ephemeral_storage {
    size_in_gib = 40
  }

  # The image's VOLUME /tmp gives it the permissions of /tmp
  volume {
    name = "scratch"
  }

  volume {
    name = "reports"

    efs_volume_configuration {
      file_system_id     = aws_efs_file_system.reports.id
      transit_encryption = "ENABLED"

      authorization_config {
        access_point_id = aws_efs_access_point.reports.id
        iam             = "ENABLED"
      }
    }
  }
}
