variable "environment" {
  description = "The folder under parameters/ whose notebooks are run."
  type        = string
}

variable "image" {
  description = "The image made by deploy/Dockerfile, by digest; it holds parameters/<environment>/."
  type        = string
}

variable "policies" {
  description = "The policies of deploy/iam that the task's role gets: of its notebooks, signing where a KMS key signs, delivery where reports are sent. A DR drill restores and deletes: name dr_restore_validation only where it may."
  type        = set(string)
  default     = ["capacity_planning", "cost_analysis", "cost_savings", "incident_timeline"]
}

variable "schedule" {
  description = "When, as EventBridge Scheduler writes it; UTC."
  type        = string
  default     = "cron(30 5 ? * MON *)"
}

variable "late_schedule" {
  description = "When it is looked whether the reports arrived; UTC."
  type        = string
  default     = "cron(0 9 * * ? *)"
}

variable "late_within" {
  description = "How old the last report may be: as long as the schedule's period, looked at a few hours after it."
  type        = string
  default     = "7d"
}

variable "cluster_arn" {
  description = "The ECS cluster that the task runs in."
  type        = string
}

variable "vpc_id" {
  description = "The network of the task and of the file system."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets, one a zone, with a way out to AWS."
  type        = set(string)
}

variable "cpu" {
  description = "CPU units of the task; 1024 are one core."
  type        = number
  default     = 2048
}

variable "memory" {
  description = "MiB of the task."
  type        = number
  default     = 8192
}

variable "more_policy_arns" {
  description = "Policies that are needed besides: for the bucket of the chains' heads, for secrets."
  type        = set(string)
  default     = []
}

variable "alarm_actions" {
  description = "Whom to tell that a run did not start or did not end with 0: ARNs of SNS topics."
  type        = list(string)
}

variable "log_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 90
}
