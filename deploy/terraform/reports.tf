# Reports stay on a file system: a run looks at those before it. What arrives elsewhere is delivered.

resource "aws_security_group" "task" {
  name        = "${local.name}-task"
  description = "opslib, out only"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_egress_rule" "task" {
  security_group_id = aws_security_group.task.id
  description       = "AWS and what is delivered to, and databases that a drill restored"
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_security_group" "reports" {
  name        = "${local.name}-reports"
  description = "NFS from opslib's task"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "reports" {
  security_group_id            = aws_security_group.reports.id
  description                  = "NFS"
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
  referenced_security_group_id = aws_security_group.task.id
}

resource "aws_efs_file_system" "reports" {
  creation_token = "${local.name}-reports"
  encrypted      = true

  tags = {
    Name = "${local.name}-reports"
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_efs_backup_policy" "reports" {
  file_system_id = aws_efs_file_system.reports.id

  backup_policy {
    status = "ENABLED"
  }
}

resource "aws_efs_mount_target" "reports" {
  for_each = var.subnet_ids

  file_system_id  = aws_efs_file_system.reports.id
  subnet_id       = each.value
  security_groups = [aws_security_group.reports.id]
}

resource "aws_efs_access_point" "reports" {
  file_system_id = aws_efs_file_system.reports.id

  posix_user {
    uid = 10001
    gid = 10001
  }

  root_directory {
    path = "/reports"

    creation_info {
      owner_uid   = 10001
      owner_gid   = 10001
      permissions = "0750"
    }
  }
}
