# Schedules start the task: to make the reports, and to tell which did not arrive. A task that could not be started, was ended or did not end with 0
# leaves a message in the queue of missed runs, and the alarm tells: a missing report is the worst.

locals {
  runs = {
    reports = { at = var.schedule, command = ["run-all", "-e", var.environment] }
    late    = { at = var.late_schedule, command = ["late", "-e", var.environment, "--within", var.late_within, "--announce"] }
  }
}

data "aws_iam_policy_document" "assume_by_scheduler" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_iam_policy_document" "schedule" {
  statement {
    actions   = ["ecs:RunTask"]
    resources = ["${aws_ecs_task_definition.reports.arn_without_revision}:*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [var.cluster_arn]
    }
  }

  statement {
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.task.arn, aws_iam_role.execution.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }

  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.missed.arn]
  }
}

resource "aws_iam_role" "schedule" {
  name               = "${local.name}-schedule"
  assume_role_policy = data.aws_iam_policy_document.assume_by_scheduler.json
}

resource "aws_iam_role_policy" "schedule" {
  name   = "schedule"
  role   = aws_iam_role.schedule.id
  policy = data.aws_iam_policy_document.schedule.json
}

resource "aws_scheduler_schedule" "run" {
  for_each = local.runs

  name                         = "${local.name}-${each.key}"
  schedule_expression          = each.value.at
  schedule_expression_timezone = "UTC"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = var.cluster_arn
    role_arn = aws_iam_role.schedule.arn
    input    = jsonencode({ containerOverrides = [{ name = "opslib", command = each.value.command }] })

    ecs_parameters {
      launch_type         = "FARGATE"
      task_count          = 1
      task_definition_arn = aws_ecs_task_definition.reports.arn

      network_configuration {
        assign_public_ip = false
        security_groups  = [aws_security_group.task.id]
        subnets          = var.subnet_ids
      }
    }

    dead_letter_config {
      arn = aws_sqs_queue.missed.arn
    }

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 5
    }
  }
}

resource "aws_sqs_queue" "missed" {
  name                      = "${local.name}-missed"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_cloudwatch_event_rule" "missed" {
  name        = "${local.name}-missed"
  description = "Tasks that did not start, were ended, or did not end with 0"

  event_pattern = jsonencode({
    source      = ["aws.ecs"]
    detail-type = ["ECS Task State Change"]
    detail = {
      clusterArn = [var.cluster_arn]
      group      = ["family:${local.name}"]
      lastStatus = ["STOPPED"]
      "$or" = [
        { containers = { exitCode = [{ "anything-but" = [0] }] } },
        { containers = { exitCode = [{ exists = false }] } },
      ]
    }
  })
}

resource "aws_cloudwatch_event_target" "missed" {
  rule = aws_cloudwatch_event_rule.missed.name
  arn  = aws_sqs_queue.missed.arn
}

data "aws_iam_policy_document" "missed" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.missed.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.missed.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "missed" {
  queue_url = aws_sqs_queue.missed.id
  policy    = data.aws_iam_policy_document.missed.json
}

resource "aws_cloudwatch_metric_alarm" "missed" {
  alarm_name          = "${local.name}-missed"
  alarm_description   = "Reports of ${var.environment} did not start or did not end with 0: see the queue ${local.name}-missed"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.missed.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
}
