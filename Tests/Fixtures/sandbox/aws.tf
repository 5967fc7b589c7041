# The core of an ECS service, with what the real provider wants credentials for.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
  default_tags {
    tags = { team = "payments" }
  }
}

variable "image" {
  default = "web:1"
}

data "aws_caller_identity" "current" {}

resource "aws_ecs_cluster" "this" {
  name = "shop"
  tags = { env = "dev" }
}

resource "aws_iam_role" "task" {
  name               = "shop-task"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_ecs_task_definition" "this" {
  family                   = "web"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  cpu                      = 256
  memory                   = 512
  task_role_arn            = aws_iam_role.task.arn
  container_definitions    = jsonencode([{ name = "main", image = var.image }])
}

resource "aws_ecs_service" "this" {
  name            = "web"
  cluster         = aws_ecs_cluster.this.arn
  task_definition = aws_ecs_task_definition.this.arn
  desired_count   = 2
  launch_type     = "FARGATE"
  network_configuration {
    subnets = ["subnet-0123456789abcdef0"]
  }
}

output "account" {
  value = data.aws_caller_identity.current.account_id
}

output "cluster" {
  value = aws_ecs_cluster.this.arn
}
