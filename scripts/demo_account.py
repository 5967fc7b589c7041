"""What the demo asks of the local AWS and does to it, past stackjob: `show`, `meddle`, `left`."""

import json
import sys
import urllib.request

from moto_seed import Account


def show(aws: Account, cluster: str) -> None:
    services = aws.ecs.list_services(cluster=cluster)["serviceArns"]
    if not services:
        sys.exit("no service in the cluster")
    for service in aws.ecs.describe_services(cluster=cluster, services=services)["services"]:
        definition = aws.ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
        images = ", ".join(container["image"] for container in definition["containerDefinitions"])
        deployment = service["deployments"][0]
        print(f"  service        {service['serviceName']}: {service['status']}, rollout {deployment['rolloutState']}")
        print(f"  tasks          {service['runningCount']} of {service['desiredCount']} running, image {images}")
        for entry in service["loadBalancers"]:
            group = aws.elbv2.describe_target_groups(TargetGroupArns=[entry["targetGroupArn"]])["TargetGroups"][0]
            for arn in group["LoadBalancerArns"]:
                balancer = aws.elbv2.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
                print(f"  load balancer  http://{balancer['DNSName']} ({balancer['State']['Code']})")
    for policy in aws.application_autoscaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]:
        target = policy["TargetTrackingScalingPolicyConfiguration"]
        metric = target["PredefinedMetricSpecification"]["PredefinedMetricType"]
        print(f"  autoscaling    {metric} at {target['TargetValue']:g}")


def meddle(aws: Account, _: str) -> None:
    group = aws.logs.describe_log_groups()["logGroups"][0]["logGroupName"]
    aws.logs.put_retention_policy(logGroupName=group, retentionInDays=1)
    print(f"  somebody set the retention of {group} to 1 day")


def left(aws: Account, _: str) -> None:
    with urllib.request.urlopen(f"{aws.endpoint}/stackjob-test/left") as answer:
        rest = json.load(answer)
    for kind, identifiers in rest.items():
        print(f"  {kind}: {', '.join(identifiers)}")
    if rest:
        sys.exit("the stack left something behind")
    print("  nothing: the account is as it was before")


if __name__ == "__main__":
    verbs = {"show": show, "meddle": meddle, "left": left}
    with open(sys.argv[2]) as file:
        ready = json.load(file)
    verbs[sys.argv[1]](Account(ready["endpoint"], ready["seed"]["region"]), ready["seed"]["cluster_arn"])
