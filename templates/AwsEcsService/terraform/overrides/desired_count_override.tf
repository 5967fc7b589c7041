# Part of the module when there is autoscaling: from the first apply on, the number of
# tasks belongs to Application Auto Scaling. Merged into the block in service.tf.
resource "aws_ecs_service" "this" {
  lifecycle {
    ignore_changes = [desired_count]
  }
}
