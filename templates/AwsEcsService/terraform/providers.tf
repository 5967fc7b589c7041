# Credentials and endpoints come from the environment (AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, ...).
#
# No default_tags: the provider takes a tenth of a second to check settings that it has not seen before, and tags are
# different for each stack.
provider "aws" {
  region = var.region
}

# These two ask nobody: the provider knows them.
data "aws_region" "current" {}

data "aws_partition" "current" {}

# The ARN of a given cluster names the account; only a created one leaves it to be asked for.
data "aws_caller_identity" "current" {
  count = var.cluster.arn == null ? 1 : 0
}

locals {
  region     = data.aws_region.current.id
  partition  = data.aws_partition.current.partition
  account_id = var.cluster.arn != null ? split(":", var.cluster.arn)[4] : data.aws_caller_identity.current[0].account_id
}
