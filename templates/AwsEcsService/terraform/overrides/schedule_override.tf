# Part of the module when autoscaling has schedules, each of which sets the limits anew
# when its time comes. Merged into the block in autoscaling.tf.
resource "aws_appautoscaling_target" "this" {
  lifecycle {
    ignore_changes = [min_capacity, max_capacity]
  }
}
