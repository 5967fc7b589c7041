"""What moto 5.2.1 leaves out, filled in as far as a Terraform run against ECS needs it.

Each gap is one function with the reason as its docstring; `apply_all()` installs them before the
first request. The list in docs/moto-gaps.md is written from these docstrings (`make docs`), so a
gap that moto closes is removed here and nowhere else. The patches replace methods of moto's
classes: they touch only what is named in their docstring and call moto's own code for the rest.
"""

import functools
import inspect
import json
import time
from collections.abc import Callable
from typing import Any

from botocore import xform_name

TESTED_WITH = "5.2.1"

GAPS: list[tuple[str, Callable[[], None]]] = []


def gap(title: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Enters a function into the list of gaps under a title: service, then what is missing."""

    def enter(install: Callable[[], None]) -> Callable[[], None]:
        GAPS.append((title, install))
        return install

    return enter


def around(owner: type, name: str) -> Callable[[Callable[..., Any]], None]:
    """Replaces owner.name by a function that is handed the original as its first argument."""

    def install(replacement: Callable[..., Any]) -> None:
        original = getattr(owner, name)

        @functools.wraps(original)
        def method(*args: Any, **kwargs: Any) -> Any:
            return replacement(original, *args, **kwargs)

        setattr(owner, name, method)

    return install


def refusal(response: Any, code: str, message: str, status: int = 400) -> tuple[int, dict[str, Any], str]:
    """The answer of a failed call in the protocol of the caller, for any code, known to AWS or not."""
    from xml.sax.saxutils import escape

    from moto.core.utils import get_service_model

    protocol = response.determine_response_protocol(get_service_model(response.boto3_service_name))
    if "xml" not in protocol and protocol not in ("query", "ec2"):
        body = json.dumps({"__type": code, "message": message})
        headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": code}
        return status, {**headers, "status": status}, body
    error = f"<Error><Type>Sender</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
    if protocol == "ec2":
        body = f"<Response><Errors>{error}</Errors><RequestID>0</RequestID></Response>"
    elif response.service_name == "s3":
        body = error
    else:
        body = f"<ErrorResponse>{error}<RequestId>0</RequestId></ErrorResponse>"
    return status, {"Content-Type": "text/xml", "status": status}, body


class Rollout:
    """How the next ECS deployments go; the control route sets it.

    seconds: from the start of a deployment until its end. outcome: `completed`, or `failed`: the
    tasks never become healthy and the circuit breaker ends the deployment, or `stuck`: neither.
    """

    seconds = 0.0
    outcome = "completed"


@gap("application-autoscaling: tags")
def autoscaling_tags() -> None:
    """`ListTagsForResource`, `TagResource` and `UntagResource` are not there, and the tags given to
    `RegisterScalableTarget` are dropped. The AWS provider reads the tags of every scalable target and
    takes the answer for a passing fault: it tries again for over nine minutes."""
    from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
    from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse as Response

    def tags_of(backend: ApplicationAutoscalingBackend, arn: str) -> dict[str, str]:
        return backend.__dict__.setdefault("resource_tags", {}).setdefault(arn, {})

    def list_tags_for_resource(self: Response) -> str:
        arn = self._get_param("ResourceARN")
        return json.dumps({"Tags": tags_of(self.applicationautoscaling_backend, arn)})

    def tag_resource(self: Response) -> str:
        arn = self._get_param("ResourceARN")
        tags_of(self.applicationautoscaling_backend, arn).update(self._get_param("Tags") or {})
        return json.dumps({})

    def untag_resource(self: Response) -> str:
        tags = tags_of(self.applicationautoscaling_backend, self._get_param("ResourceARN"))
        for key in self._get_param("TagKeys") or []:
            tags.pop(key, None)
        return json.dumps({})

    Response.list_tags_for_resource = list_tags_for_resource
    Response.tag_resource = tag_resource
    Response.untag_resource = untag_resource

    @around(Response, "register_scalable_target")
    def _(original: Callable[..., str], self: Response) -> str:
        answer = original(self)
        arn = json.loads(answer)["ScalableTargetARN"]
        tags_of(self.applicationautoscaling_backend, arn).update(self._get_param("Tags") or {})
        return answer


@gap("application-autoscaling: a changed policy is the same policy")
def autoscaling_policy_update() -> None:
    """`PutScalingPolicy` on an existing policy gives it a new ARN and leaves its old alarms behind,
    so a stack that was updated once does not go away whole."""
    from moto.applicationautoscaling.models import ApplicationAutoscalingBackend, FakeApplicationAutoscalingPolicy

    @around(ApplicationAutoscalingBackend, "put_scaling_policy")
    def _(original: Callable[..., Any], self: ApplicationAutoscalingBackend, **arguments: Any) -> Any:
        names = ("service_namespace", "resource_id", "scalable_dimension", "policy_name")
        key = FakeApplicationAutoscalingPolicy.formulate_key(*(arguments[name] for name in names))
        old = self.policies.get(key)
        policy = original(self, **arguments)
        if old is not None:
            old.delete_alarms(self.account_id, self.region_name)
            policy.policy_arn, policy.creation_time = old.policy_arn, old.creation_time
        return policy


# The parts of a service that moto forgets at CreateService.
_SERVICE_MEMBERS = (
    "availabilityZoneRebalancing",
    "capacityProviderStrategy",
    "deploymentConfiguration",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
    "placementConstraints",
    "placementStrategy",
)
# The parts that belong to a deployment and are read back from there.
_DEPLOYMENT_MEMBERS = ("serviceConnectConfiguration", "volumeConfigurations", "vpcLatticeConfigurations")
# A change to one of these replaces the running tasks.
_STARTS_DEPLOYMENT = (
    "capacityProviderStrategy",
    "enableExecuteCommand",
    "forceNewDeployment",
    "loadBalancers",
    "networkConfiguration",
    "platformVersion",
    "serviceRegistries",
    "taskDefinition",
    *_DEPLOYMENT_MEMBERS,
)


def _start_deployment(service: Any, previous: str | None) -> None:
    """Gives the service a new primary deployment, which `_settle` brings to its end."""
    from moto.core.utils import utcnow
    from moto.moto_api._internal import mock_random

    deployment = {
        "id": f"ecs-svc/{mock_random.randint(0, 32**12)}",
        "status": "PRIMARY",
        "taskDefinition": service.task_definition,
        "createdAt": utcnow(),
        "updatedAt": utcnow(),
        "launchType": service.launch_type,
        "capacityProviderStrategy": service.capacity_provider_strategy,
        "platformVersion": service.platform_version,
        "platformFamily": "Linux" if service.launch_type == "FARGATE" else None,
        "networkConfiguration": service.network_configuration,
    }
    for member in _DEPLOYMENT_MEMBERS:
        deployment[member] = getattr(service, xform_name(member), None)
    service.deployments = [deployment]
    service.rollout = (time.monotonic() + Rollout.seconds, Rollout.outcome, previous)
    _settle(service)


def _settle(service: Any) -> None:
    """Brings the service's counts and its deployment to where they are by now."""
    if service.status != "ACTIVE":
        service.desired_count = service.running_count = service.pending_count = 0
        service.deployments = []
        return
    if not service.deployments:
        return
    end, outcome, previous = service.rollout
    deployment = service.deployments[0]
    breaker = (service.deployment_configuration or {}).get("deploymentCircuitBreaker") or {}
    state = "IN_PROGRESS"
    if time.monotonic() >= end and outcome != "stuck":
        state = "COMPLETED" if outcome == "completed" else "FAILED" if breaker.get("enable") else state
    if state == "FAILED" and breaker.get("rollback") and previous:
        # What the circuit breaker does: the tasks before the change run again.
        service.task_definition = deployment["taskDefinition"] = previous
        service.rollout = (end, "completed", None)
        state, reason = "COMPLETED", "rolled back by the deployment circuit breaker"
    else:
        reason = {"COMPLETED": "completed", "FAILED": "failed: tasks failed to start"}.get(state, "in progress")
    if state != deployment.get("rolloutState"):
        deployment["rolloutStateReason"] = f"ECS deployment {deployment['id']} {reason}."
    running = service.desired_count if state == "COMPLETED" else 0
    deployment.update(
        rolloutState=state,
        desiredCount=service.desired_count,
        runningCount=running,
        pendingCount=service.desired_count - running if state == "IN_PROGRESS" else 0,
        failedTasks=3 if outcome == "failed" and state != "COMPLETED" else 0,
    )
    service.running_count, service.pending_count = running, deployment["pendingCount"]


@gap("ECS: what a service was made with")
def ecs_service_members() -> None:
    """`CreateService` forgets `availabilityZoneRebalancing`, `deploymentConfiguration`,
    `capacityProviderStrategy`, `enableExecuteCommand`, `enableECSManagedTags`, the grace period,
    placement and the Service Connect configuration, so the next plan wants to change the service.
    A service outside awsvpc gets an empty network configuration, at which the AWS provider crashes.
    It refuses the launch type `EXTERNAL`, and gives a service that has a capacity provider strategy
    a launch type as well. `UpdateService` stores a task definition as it was written, not its ARN."""
    from moto.ecs.models import EC2ContainerServiceBackend
    from moto.ecs.responses import EC2ContainerServiceResponse as Response

    @around(EC2ContainerServiceBackend, "create_service")
    def _(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
        # The ninth argument is the launch type; moto's own check knows two of the three.
        arguments = list(args)
        external = len(arguments) > 8 and arguments[8] == "EXTERNAL"
        if external:
            arguments[8] = "EC2"
        service = original(self, *arguments, **kwargs)
        if external:
            service.launch_type = "EXTERNAL"
        return service

    @around(Response, "create_service")
    def _(original: Callable[..., Any], self: Response) -> Any:
        answer = original(self)
        service = answer.result["service"]
        for member in (*_SERVICE_MEMBERS, *_DEPLOYMENT_MEMBERS):
            setattr(service, xform_name(member), self._get_param(member))
        service.network_configuration = service.network_configuration or None
        service.availability_zone_rebalancing = service.availability_zone_rebalancing or "DISABLED"
        service.enable_execute_command = service.enable_execute_command or False
        service.enable_ecs_managed_tags = service.enable_ecs_managed_tags or False
        service.deployment_configuration = {
            "maximumPercent": 200,
            "minimumHealthyPercent": 100,
            "deploymentCircuitBreaker": {"enable": False, "rollback": False},
            **(service.deployment_configuration or {}),
        }
        if service.capacity_provider_strategy:
            service.launch_type = None
        elif service.launch_type == "FARGATE":
            service.platform_version = service.platform_version or "LATEST"
        if service.deployment_controller["type"] == "ECS":
            _start_deployment(service, None)
        else:
            service.rollout = (0.0, "completed", None)
        return answer

    @around(Response, "update_service")
    def _(original: Callable[..., Any], self: Response) -> Any:
        given = self._get_params()
        before = self.ecs_backend._get_service(
            given.get("cluster", "default"), given["service"].split("/")[-1]
        ).task_definition
        answer = original(self)
        service = answer.result["service"]
        if given.get("taskDefinition"):
            service.task_definition = self.ecs_backend.describe_task_definition(service.task_definition).arn
        for member in (*_SERVICE_MEMBERS, *_DEPLOYMENT_MEMBERS):
            if given.get(member) is not None:
                setattr(service, xform_name(member), given[member])
        if service.capacity_provider_strategy:
            service.launch_type = None
        if service.deployment_controller["type"] == "ECS":
            if any(given.get(member) for member in _STARTS_DEPLOYMENT):
                _start_deployment(service, before)
            else:
                _settle(service)
        return answer


@gap("ECS: the network mode of a task definition")
def ecs_network_mode() -> None:
    """Every task definition that does not say `EC2` alone gets `awsvpc`, also one for `EXTERNAL`, which
    the next plan replaces."""
    from moto.ecs.models import TaskDefinition

    @around(TaskDefinition, "__init__")
    def _(original: Callable[..., None], self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        wanted = kwargs.get("requires_compatibilities") or []
        if "FARGATE" not in wanted:
            self.network_mode = kwargs.get("network_mode") or "bridge"
        if wanted == ["EXTERNAL"]:
            self.compatibilities = ["EXTERNAL", "EC2"]


@gap("ECS: all capacity providers")
def ecs_all_capacity_providers() -> None:
    """`DescribeCapacityProviders` without names fails; on AWS it lists all of the account."""
    from moto.ecs.models import EC2ContainerServiceBackend

    @around(EC2ContainerServiceBackend, "describe_capacity_providers")
    def _(original: Callable[..., Any], self: Any, names: list[str] | None) -> Any:
        return original(self, list(self.capacity_providers) if names is None else names)


@gap("ECS: a service becomes steady")
def ecs_steady_state() -> None:
    """The tasks of a service stay pending, so `wait_for_steady_state` waits until it times out; after
    an update the deployment still names the old task definition. Here the deployment ends at once,
    or as the control route says: after some seconds, never, or by the circuit breaker."""
    from moto.ecs.models import EC2ContainerServiceBackend

    @around(EC2ContainerServiceBackend, "describe_services")
    def _(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
        services, failures = original(self, *args, **kwargs)
        for service in services:
            _settle(service)
        return services, failures


@gap("ECS: what is deleted is not listed")
def ecs_deleted_not_listed() -> None:
    """Deleted services and clusters stay in `ListServices` and `ListClusters`, deleted services keep
    their running tasks, and a cluster never counts its services; on AWS they are found by
    `Describe...` alone, as `INACTIVE`."""
    from moto.ecs.models import EC2ContainerServiceBackend

    @around(EC2ContainerServiceBackend, "list_services")
    def _(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> list[str]:
        active = {service.arn for service in self.services.values() if service.status == "ACTIVE"}
        return [arn for arn in original(self, *args, **kwargs) if arn in active]

    @around(EC2ContainerServiceBackend, "list_clusters")
    def _(original: Callable[..., Any], self: Any) -> list[str]:
        active = {cluster.arn for cluster in self.clusters.values() if cluster.status == "ACTIVE"}
        return [arn for arn in original(self) if arn in active]

    @around(EC2ContainerServiceBackend, "delete_service")
    def _(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
        service = original(self, *args, **kwargs)
        _settle(service)
        return service

    @around(EC2ContainerServiceBackend, "describe_clusters")
    def _(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
        clusters, failures = original(self, *args, **kwargs)
        for cluster in clusters:
            services = [s for s in self.services.values() if s.cluster_arn == cluster.arn and s.status == "ACTIVE"]
            for service in services:
                _settle(service)
            cluster.active_services_count = len(services)
            cluster.running_tasks_count = sum(service.running_count for service in services)
            cluster.pending_tasks_count = sum(service.pending_count for service in services)
        return clusters, failures


@gap("CloudWatch Logs: the class of a log group")
def log_group_class() -> None:
    """`CreateLogGroup` forgets `logGroupClass`, so the next plan replaces a group that has one."""
    from moto.logs.models import LogGroup
    from moto.logs.responses import LogsResponse

    @around(LogsResponse, "create_log_group")
    def _(original: Callable[..., str], self: LogsResponse) -> str:
        answer = original(self)
        group = self.logs_backend.groups[self._get_param("logGroupName")]
        group.__dict__["log_group_class"] = self._get_param("logGroupClass") or "STANDARD"
        return answer

    @around(LogGroup, "to_describe_dict")
    def _(original: Callable[..., dict[str, Any]], self: LogGroup) -> dict[str, Any]:
        return {"logGroupClass": getattr(self, "log_group_class", "STANDARD"), **original(self)}


@gap("Elastic Load Balancing: security groups and private links")
def private_link_rules() -> None:
    """A Network Load Balancer forgets whether its security groups hold for private links."""
    from moto.elbv2.responses import ELBV2Response

    @around(ELBV2Response, "set_security_groups")
    def _(original: Callable[..., Any], self: ELBV2Response) -> Any:
        answer = original(self)
        member = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"
        if value := self._get_param(member):
            balancer = self.elbv2_backend.load_balancers[self._get_param("LoadBalancerArn")]
            setattr(balancer, xform_name(member), value)
        return answer


@gap("Elastic Load Balancing: the ARN of a Network Load Balancer")
def network_load_balancer_arn() -> None:
    """It reads `loadbalancer/app/...` instead of `loadbalancer/net/...`, which stackjob refuses as a given
    Network Load Balancer."""
    from moto.elbv2.models import ELBv2Backend, FakeLoadBalancer

    @around(ELBv2Backend, "create_load_balancer")
    def _(original: Callable[..., FakeLoadBalancer], self: ELBv2Backend, *args: Any, **kwargs: Any) -> FakeLoadBalancer:
        balancer = original(self, *args, **kwargs)
        if balancer.type == "network":
            application = balancer.arn
            balancer.arn = application.replace(":loadbalancer/app/", ":loadbalancer/net/")
            self.load_balancers[balancer.arn] = self.load_balancers.pop(application)
            self.tagging_service.copy_tags(application, balancer.arn)
            self.tagging_service.delete_all_tags_for_resource(application)
        return balancer


@gap("every service: a call that is not there fails once")
def fail_fast() -> None:
    """An action that moto lacks, or a fault inside moto, is answered with HTTP 500. The AWS SDK takes
    that for a passing fault and tries again, up to nine minutes. Here the answer is a 400 that says
    what is missing, and the fault goes to standard error."""
    import sys
    import traceback

    from moto.core.exceptions import ServiceException
    from moto.core.responses import BaseResponse
    from werkzeug.exceptions import HTTPException

    @around(BaseResponse, "call_action")
    def _(original: Callable[..., Any], self: BaseResponse) -> Any:
        try:
            return original(self)
        except (HTTPException, ServiceException):
            raise
        except Exception as fault:
            name = f"{self.service_name} {self._get_action()}"
            if isinstance(fault, NotImplementedError):
                print(f"moto-server: {name} is not there", file=sys.stderr)
                return refusal(self, "UnsupportedOperation", f"the local AWS does not have {name}")
            traceback.print_exc()
            return refusal(self, "LocalAWSFault", f"the local AWS failed at {name}: {fault!r}")


def apply_all() -> None:
    for _, install in GAPS:
        install()


def markdown() -> str:
    """The list for docs/moto-gaps.md."""
    lines = []
    for title, install in GAPS:
        text = inspect.cleandoc(install.__doc__ or "")
        lines.append(f"### {title}\n\n{text}\n")
    return "\n".join(lines)
