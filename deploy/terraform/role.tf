# The task may what the notebooks' policies say, and may use its own file system. An environment's
# own policy (opslib init writes it) goes before the general one: it names the account's buckets.

locals {
  name          = "opslib-${var.environment}"
  own_policies  = { for name in var.policies : name => "${path.module}/../../parameters/${var.environment}/${name}.iam.json" }
  policy_files  = { for name, own in local.own_policies : name => fileexists(own) ? own : "${path.module}/../iam/${name}.json" }
  assume_by_ecs = data.aws_iam_policy_document.assume_by_ecs.json
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_iam_policy_document" "assume_by_ecs" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "task" {
  name               = "${local.name}-task"
  assume_role_policy = local.assume_by_ecs
}

resource "aws_iam_policy" "notebook" {
  for_each = local.policy_files

  name   = "${local.name}-${each.key}"
  policy = file(each.value)
}

resource "aws_iam_role_policy_attachment" "notebook" {
  for_each = local.policy_files

  role       = aws_iam_role.task.name
  policy_arn = aws_iam_policy.notebook[each.key].arn
}

resource "aws_iam_role_policy_attachment" "more" {
  for_each = var.more_policy_arns

  role       = aws_iam_role.task.name
  policy_arn = each.value
}

data "aws_iam_policy_document" "reports" {
  statement {
    actions   = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
    resources = [aws_efs_file_system.reports.arn]

    condition {
      test     = "StringEquals"
      variable = "elasticfilesystem:AccessPointArn"
      values   = [aws_efs_access_point.reports.arn]
    }
  }
}

resource "aws_iam_role_policy" "reports" {
  name   = "reports"
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.reports.json
}

resource "aws_iam_role" "execution" {
  name               = "${local.name}-execution"
  assume_role_policy = local.assume_by_ecs
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}
