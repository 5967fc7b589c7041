"""What a service finds in an account before it arrives, and what it leaves behind.

`seed` makes a network, a load balancer, a cluster and the like through the AWS API, the way an
administrator would have. `left` lists what an account holds, so that a test can ask for what a
destroyed stack forgot.
"""

import datetime
from collections.abc import Callable, Iterable
from typing import Any

import boto3
from botocore.config import Config


class Account:
    """AWS clients that talk to the local endpoint and to nothing else."""

    def __init__(self, endpoint: str, region: str) -> None:
        self.region = region
        self.endpoint = endpoint
        self.session = boto3.Session(
            aws_access_key_id="testing", aws_secret_access_key="testing", region_name=region
        )
        self.clients: dict[str, Any] = {}

    def __getattr__(self, service: str) -> Any:
        name = service.replace("_", "-")
        if name not in self.clients:
            # No proxy: a proxy of the user's shell would be asked for our own loopback address.
            config = Config(retries={"total_max_attempts": 1}, proxies={})
            self.clients[name] = self.session.client(name, endpoint_url=self.endpoint, config=config)
        return self.clients[name]


def certificate(domain: str) -> tuple[bytes, bytes]:
    """A self-signed certificate and its key, both PEM, good for a week."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, domain)])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(domain), x509.DNSName(f"*.{domain}")]), False)
        .sign(key, hashes.SHA256())
    )
    return signed.public_bytes(serialization.Encoding.PEM), key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def network(aws: Account) -> dict[str, Any]:
    vpc = aws.ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    gateway = aws.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    aws.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = aws.ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"][0]
    aws.ec2.create_route(
        RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway
    )
    subnets = []
    for index, zone in enumerate("ab"):
        subnet = aws.ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.20.{index}.0/24", AvailabilityZone=aws.region + zone
        )
        subnets.append(subnet["Subnet"]["SubnetId"])
    group = aws.ec2.create_security_group(GroupName="services", Description="services", VpcId=vpc)["GroupId"]
    return {"vpc_id": vpc, "subnet_ids": subnets, "security_group_id": group}


def load_balancer(aws: Account, made: dict[str, Any], domain: str) -> dict[str, Any]:
    body, key = certificate(domain)
    arn = aws.acm.import_certificate(Certificate=body, PrivateKey=key)["CertificateArn"]
    alb = aws.elbv2.create_load_balancer(
        Name="shared", Subnets=made["subnet_ids"], SecurityGroups=[made["security_group_id"]], Type="application"
    )["LoadBalancers"][0]
    not_found = [
        {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain"}}
    ]
    http = aws.elbv2.create_listener(
        LoadBalancerArn=alb["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=not_found
    )
    https = aws.elbv2.create_listener(
        LoadBalancerArn=alb["LoadBalancerArn"],
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": arn}],
        DefaultActions=not_found,
    )
    nlb = aws.elbv2.create_load_balancer(Name="shared-tcp", Subnets=made["subnet_ids"], Type="network")[
        "LoadBalancers"
    ][0]
    return {
        "certificate_arn": arn,
        "load_balancer_arn": alb["LoadBalancerArn"],
        "load_balancer_dns_name": alb["DNSName"],
        "http_listener_arn": http["Listeners"][0]["ListenerArn"],
        "https_listener_arn": https["Listeners"][0]["ListenerArn"],
        "network_load_balancer_arn": nlb["LoadBalancerArn"],
    }


def cluster(aws: Account, made: dict[str, Any]) -> dict[str, Any]:
    image = aws.ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    template = aws.ec2.create_launch_template(
        LaunchTemplateName="ecs-capacity", LaunchTemplateData={"ImageId": image, "InstanceType": "t3.small"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    aws.autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="ecs-capacity",
        LaunchTemplate={"LaunchTemplateId": template, "Version": "$Latest"},
        MinSize=0,
        MaxSize=4,
        DesiredCapacity=1,
        VPCZoneIdentifier=",".join(made["subnet_ids"]),
    )
    group = aws.autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]["AutoScalingGroupARN"]
    aws.ecs.create_capacity_provider(name="ec2", autoScalingGroupProvider={"autoScalingGroupArn": group})
    arn = aws.ecs.create_cluster(
        clusterName="main", capacityProviders=["FARGATE", "FARGATE_SPOT", "ec2"]
    )["cluster"]["clusterArn"]
    return {
        "cluster_arn": arn,
        "cluster_name": "main",
        "autoscaling_group_arn": group,
        "capacity_provider": "ec2",
    }


def storage(aws: Account, made: dict[str, Any]) -> dict[str, Any]:
    file_system = aws.efs.create_file_system(CreationToken="shared")["FileSystemId"]
    for subnet in made["subnet_ids"]:
        aws.efs.create_mount_target(
            FileSystemId=file_system, SubnetId=subnet, SecurityGroups=[made["security_group_id"]]
        )
    point = aws.efs.create_access_point(
        ClientToken="shared", FileSystemId=file_system, PosixUser={"Uid": 1000, "Gid": 1000}
    )["AccessPointId"]
    bucket = "stackjob-environment-files"
    location = {} if aws.region == "us-east-1" else {"LocationConstraint": aws.region}
    aws.s3.create_bucket(Bucket=bucket, **({"CreateBucketConfiguration": location} if location else {}))
    aws.s3.put_object(Bucket=bucket, Key="web.env", Body=b"FROM_FILE=yes\n")
    return {
        "file_system_id": file_system,
        "access_point_id": point,
        "environment_file_arn": f"arn:aws:s3:::{bucket}/web.env",
    }


def secrets(aws: Account) -> dict[str, Any]:
    return {
        "kms_key_arn": aws.kms.create_key(Description="services")["KeyMetadata"]["Arn"],
        "secret_arn": aws.secretsmanager.create_secret(
            Name="shared/database", SecretString='{"password":"seeded"}'
        )["ARN"],
        "parameter_arn": parameter(aws),
    }


def parameter(aws: Account) -> str:
    aws.ssm.put_parameter(Name="/shared/api-key", Value="seeded", Type="SecureString")
    return aws.ssm.get_parameter(Name="/shared/api-key")["Parameter"]["ARN"]


def names(aws: Account, made: dict[str, Any], domain: str) -> dict[str, Any]:
    zone = aws.route53.create_hosted_zone(Name=domain, CallerReference="seed")["HostedZone"]["Id"]
    operation = aws.servicediscovery.create_private_dns_namespace(Name="internal", Vpc=made["vpc_id"])
    namespace = aws.servicediscovery.get_operation(OperationId=operation["OperationId"])
    identifier = namespace["Operation"]["Targets"]["NAMESPACE"]
    return {
        "hosted_zone_id": zone.removeprefix("/hostedzone/"),
        "domain": domain,
        "namespace_id": identifier,
        "namespace_arn": aws.servicediscovery.get_namespace(Id=identifier)["Namespace"]["Arn"],
        "namespace_name": "internal",
    }


def seed(aws: Account) -> dict[str, Any]:
    """Fills the account; answers the names and ARNs that a manifest may want."""
    domain = "example.test"
    made: dict[str, Any] = {
        "region": aws.region,
        "account_id": aws.sts.get_caller_identity()["Account"],
        "availability_zones": [aws.region + zone for zone in "ab"],
    }
    made |= network(aws)
    made |= load_balancer(aws, made, domain)
    made |= cluster(aws, made)
    made |= storage(aws, made)
    made |= secrets(aws)
    made |= names(aws, made, domain)
    return made


def holdings(aws: Account) -> dict[str, list[str]]:
    """The identifiers of everything in the account that a service may make, by type."""

    def pick(items: Iterable[dict[str, Any]], key: str) -> list[str]:
        return [item[key] for item in items]

    balancers = pick(aws.elbv2.describe_load_balancers()["LoadBalancers"], "LoadBalancerArn")
    listeners = [
        listener
        for balancer in balancers
        for listener in pick(aws.elbv2.describe_listeners(LoadBalancerArn=balancer)["Listeners"], "ListenerArn")
    ]
    clusters = aws.ecs.list_clusters()["clusterArns"]
    zones = pick(aws.route53.list_hosted_zones()["HostedZones"], "Id")
    lists: dict[str, Callable[[], list[str]]] = {
        "acm certificate": lambda: pick(aws.acm.list_certificates()["CertificateSummaryList"], "CertificateArn"),
        "autoscaling policy": lambda: pick(
            aws.application_autoscaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"],
            "PolicyARN",
        ),
        "autoscaling schedule": lambda: pick(
            aws.application_autoscaling.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"],
            "ScheduledActionARN",
        ),
        "autoscaling target": lambda: pick(
            aws.application_autoscaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"],
            "ResourceId",
        ),
        "cloudwatch alarm": lambda: pick(aws.cloudwatch.describe_alarms()["MetricAlarms"], "AlarmName"),
        "ecs capacity provider": lambda: pick(aws.ecs.describe_capacity_providers()["capacityProviders"], "name"),
        "ecs cluster": lambda: clusters,
        "ecs service": lambda: [
            service for name in clusters for service in aws.ecs.list_services(cluster=name)["serviceArns"]
        ],
        "ecs task definition": lambda: aws.ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"],
        "efs access point": lambda: pick(aws.efs.describe_access_points()["AccessPoints"], "AccessPointId"),
        "efs file system": lambda: pick(aws.efs.describe_file_systems()["FileSystems"], "FileSystemId"),
        "elb listener": lambda: listeners,
        "elb load balancer": lambda: balancers,
        "elb rule": lambda: [
            rule["RuleArn"]
            for listener in listeners
            for rule in aws.elbv2.describe_rules(ListenerArn=listener)["Rules"]
            if not rule["IsDefault"]
        ],
        "elb target group": lambda: pick(aws.elbv2.describe_target_groups()["TargetGroups"], "TargetGroupArn"),
        "iam policy": lambda: pick(aws.iam.list_policies(Scope="Local")["Policies"], "Arn"),
        "iam role": lambda: pick(aws.iam.list_roles()["Roles"], "Arn"),
        "log group": lambda: pick(aws.logs.describe_log_groups()["logGroups"], "logGroupName"),
        "route53 record": lambda: [
            f"{record['Name']} {record['Type']}"
            for zone in zones
            for record in aws.route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        ],
        "route53 zone": lambda: zones,
        "secret": lambda: pick(aws.secretsmanager.list_secrets()["SecretList"], "ARN"),
        "security group": lambda: pick(aws.ec2.describe_security_groups()["SecurityGroups"], "GroupId"),
        "service discovery namespace": lambda: pick(aws.servicediscovery.list_namespaces()["Namespaces"], "Arn"),
        "service discovery service": lambda: pick(aws.servicediscovery.list_services()["Services"], "Arn"),
        "ssm parameter": lambda: pick(aws.ssm.describe_parameters()["Parameters"], "Name"),
    }
    return {name: held for name, ask in lists.items() if (held := ask())}


def minus(held: dict[str, list[str]], before: dict[str, list[str]]) -> dict[str, list[str]]:
    """What is held now and was not before."""
    rest = {name: [one for one in ones if one not in before.get(name, [])] for name, ones in held.items()}
    return {name: ones for name, ones in rest.items() if ones}
