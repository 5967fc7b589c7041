import Manifests
import StackModel
import Testing

/// What the modules that these manifests were first written for got wrong, each a test that would notice.
struct K8sUpstreamTests {
  private static let app = "image: \"web:1\""
  private static let web =
    "container: {app: {\(app), ports: [{name: http, containerPort: 8080, servicePort: 80}]}}"

  private func values(env: String? = nil, _ spec: String) throws -> JSONValue {
    try K8sFixtures.values(env: env, spec: spec)
  }

  private func container(_ values: JSONValue, _ index: Int = 0) -> JSONValue? {
    values["pod"]?["containers"]?[index]
  }

  @Test(arguments: ["main", "review-42", "1.4.2"])
  func `no name comes from the version`(version: String) throws {
    let spec = "\(Self.web)\ningress: {enabled: true, dnsDomain: example.com}"
    let plain = try values(spec)
    let tagged = try values("version: \(version)\n\(spec)")
    for name in ["namespace", "selector", "service_account", "secrets", "service", "ingresses", "endpoints"] {
      #expect(plain[name] == tagged[name], "\(name)")
    }
    #expect(tagged["deployment"]?["name"] == "web")
    #expect(tagged["labels"]?["app.kubernetes.io/version"] == .string(version))
  }

  @Test func `a secret is looked for where it was put`() throws {
    let values = try values("version: review-1\ncontainer: {app: {\(Self.app), env: {secrets: {A: secret}}}}")
    let reference = container(values)?["env"]?[0]?["secret_key_ref"]
    #expect(values["secrets"]?.object?.keys == ["web-env-secrets"])
    #expect(reference == ["name": "web-env-secrets", "key": "A", "optional": false])
  }

  @Test func `resources, ingress and availability may be left out`() throws {
    let values = try values("container: {app: {\(Self.app)}}")
    #expect(
      container(values)?["resources"] == [
        "limits": ["cpu": "1000m", "memory": "1Gi"], "requests": ["cpu": "50m", "memory": "100Mi"],
      ]
    )
    #expect(values["deployment"]?["replicas"] == 1)
    #expect(values["ingresses"] == [:])
    #expect(values["routes"] == [:])
    #expect(values["endpoints"]?["external_hostname"] == nil as JSONValue)
  }

  @Test func `without ports there is no Service`() throws {
    let values = try values("container: {app: {\(Self.app)}}")
    #expect(values["service"] == nil as JSONValue)
    #expect(values["endpoints"]?["kube_endpoint"] == nil as JSONValue)
    #expect(values["endpoints"]?["port_forward_command"] == nil as JSONValue)
  }

  @Test func `an internal redirect is of the internal listener`() throws {
    let values = try values(
      """
      \(Self.web)
      ingress:
        enabled: true
        hostname: web.example.com
        gateway: {name: public, sectionName: https, httpSectionName: http}
        internal: {gateway: {name: private, sectionName: tls, httpSectionName: plain}}
      """
    )
    let routes = values["routes"]
    #expect(routes?["external"]?["redirect"] == ["name": "web-redirect", "section_name": "http"])
    #expect(routes?["internal"]?["redirect"] == ["name": "web-internal-redirect", "section_name": "plain"])
    #expect(routes?["internal"]?["parent"]?["name"] == "private")
    #expect(routes?["internal"]?["hosts"] == ["internal-web.example.com"])
    #expect(routes?["external"]?["hosts"] == ["web.example.com"])
    #expect(values["endpoints"]?["internal_url"] == "https://internal-web.example.com")
  }

  private static let several = """
    container:
      app:
        \(app)
        ports:
          - {name: admin, containerPort: 9000, servicePort: 9000}
          - {name: http, containerPort: 8080, servicePort: 80, isIngressPort: true}
          - {name: dns, containerPort: 5353, servicePort: 53, networkProtocol: UDP}
    ingress: {enabled: true, dnsDomain: example.com}
    """

  @Test func `traffic goes to the marked port, and several marks are refused`() throws {
    let values = try values(Self.several)
    #expect(values["ingresses"]?["external"]?["paths"]?[0]?["port"] == 80)
    let two = Self.several.replacing("servicePort: 9000}", with: "servicePort: 9000, isIngressPort: true}")
    #expect(try K8sFixtures.codes(spec: two) == ["k8s.ingress.port.several"])
    let none = Self.several.replacing(", isIngressPort: true", with: "")
    #expect(try K8sFixtures.codes(spec: none) == ["k8s.ingress.port"])
  }

  @Test func `the port-forward command is of the real ports`() throws {
    let values = try values(env: "dev", Self.several)
    #expect(
      values["endpoints"]?["port_forward_command"]
        == "kubectl port-forward --namespace web-dev service/web 9000:9000 8080:80"
    )
    #expect(values["endpoints"]?["kube_endpoint"] == "web.web-dev.svc.cluster.local")
  }

  @Test func `a port keeps its protocol`() throws {
    let values = try values(Self.several)
    #expect(container(values)?["ports"]?[2] == ["name": "dns", "container_port": 5353, "protocol": "UDP"])
    let port = values["service"]?["ports"]?[2]
    #expect(port?["protocol"] == "UDP")
    #expect(port?["port"] == 53)
    #expect(port?["target_port"] == 5353)
  }

  @Test func `sidecars, pull secrets and probes are not lost`() throws {
    let values = try values(
      """
      container:
        app:
          image: {repo: web, tag: "1", pullSecretName: login}
          ports: [{name: http, containerPort: 8080, servicePort: 80}]
          livenessProbe: {httpGet: {portNumber: 8080, path: /live}, periodSeconds: 0}
          readinessProbe: {tcpSocket: {portName: http}}
        sidecars:
          - {name: proxy, image: "proxy:1", ports: [{containerPort: 9000, protocol: TCP}], env: [{name: A, value: b}]}
      """
    )
    #expect(container(values, 1)?["name"] == "proxy")
    #expect(container(values, 1)?["env"]?[0]?["value"] == "b")
    #expect(values["service_account"]?["create"]?["image_pull_secrets"] == ["login"])
    #expect(container(values)?["liveness_probe"]?["http_get"]?["port"] == 8080)
    #expect(container(values)?["liveness_probe"]?["period_seconds"] == 10)
    #expect(container(values)?["readiness_probe"]?["tcp_socket"]?["port"] == 8080)
  }

  @Test func `an autoscaler that is asked for is there`() throws {
    let values = try values(
      """
      \(Self.web)
      availability:
        minReplicas: 3
        horizontalPodAutoscaling: {isEnabled: true, maxReplicas: 10}
        deploymentStrategy: {maxUnavailable: "0", maxSurge: "1"}
        podDisruptionBudget: {enabled: true}
      """
    )
    let target: JSONValue = [
      "type": "Utilization", "average_utilization": 80, "average_value": nil, "value": nil,
    ]
    #expect(values["autoscaling"]?["min_replicas"] == 3)
    #expect(values["autoscaling"]?["max_replicas"] == 10)
    #expect(values["autoscaling"]?["metrics"]?[0]?["target"] == target)
    #expect(
      values["deployment"]?["strategy"]?["rolling_update"] == ["max_unavailable": "0", "max_surge": "1"]
    )
    #expect(values["disruption_budget"]?["min_available"] == "1")
  }

  @Test func `selectors depend on the name alone`() throws {
    let plain = try values(Self.web)
    let dressed = try values(env: "prod", "labels: {team: a}\npod: {labels: {tier: b}}\n\(Self.web)")
    #expect(plain["selector"] == ["stackjob.dev/service": "web"])
    #expect(dressed["selector"] == plain["selector"])
    #expect(dressed["pod"]?["labels"]?["stackjob.dev/service"] == "web")
    #expect(dressed["pod"]?["labels"]?["tier"] == "b")
  }

  @Test func `directives are no labels of Kubernetes`() throws {
    let source = """
      apiVersion: kubernetes.project-planton.org/v1
      kind: MicroserviceKubernetes
      metadata:
        name: web
        env: feature/cart
        labels: {planton.ai/git-branch: dev-*, kubernetes.project-planton.org/namespace: shared}
      spec: {container: {app: {image: "web:1"}}}
      """
    let manifest = try EcsFixtures.manifest(Array(source.utf8), file: "web.yaml")
    let result = K8sFixtures.normalize(manifest)
    #expect(EcsFixtures.lines(result.diagnostics) == "")
    #expect(!result.values.text().contains("dev-*"))
    #expect(result.values["labels"]?["stackjob.dev/env"] == nil)
    #expect(result.values["namespace"] == ["name": "shared", "create": false])
  }

  @Test func `a namespace belongs to the service, or to others`() throws {
    let own = try values(env: "dev", "container: {app: {\(Self.app)}}")
    #expect(own["namespace"] == ["name": "web-dev", "create": true])
    let given = try values(env: "dev", "namespace: backend\ncontainer: {app: {\(Self.app)}}")
    #expect(given["namespace"] == ["name": "backend", "create": false])
    let both = try values(
      "namespace: {value: backend}\ncreateNamespace: true\ncontainer: {app: {\(Self.app)}}"
    )
    #expect(both["namespace"] == ["name": "backend", "create": true])
  }

  @Test func `an output of another resource is refused, not dropped`() throws {
    let variable = "valueFrom: {kind: AwsRdsInstance, name: main, fieldPath: status.outputs.host}"
    let spec = "container: {app: {\(Self.app), env: {variables: {HOST: {\(variable)}}}}}"
    #expect(try K8sFixtures.codes(spec: spec) == ["k8s.reference"])
  }

  @Test func `no hook needs a shell in the image unless it is asked for`() throws {
    let values = try values("container: {app: {\(Self.app)}}")
    #expect(container(values)?["pre_stop"] == nil as JSONValue)
    #expect(values["pod"]?["termination_grace_period_seconds"] == 60)
  }

  @Test(arguments: ["app.yaml", "web-app.yaml"])
  func `a ConfigMap is mounted by either of its names`(name: String) throws {
    let values = try values(
      """
      container: {app: {\(Self.app), volumeMounts: [{name: c, mountPath: /c, configMap: {name: \(name)}}]}}
      configMaps: {app.yaml: "a: b"}
      """
    )
    #expect(values["config_maps"] == ["web-app.yaml": ["data": ["app.yaml": "a: b"]]])
    #expect(values["pod"]?["volumes"]?[0]?["config_map"]?["name"] == "web-app.yaml")
  }

  @Test func `the account has its annotations, and no token in the pods`() throws {
    let role = "arn:aws:iam::123456789012:role/web"
    let values = try values(
      """
      container: {app: {\(Self.app)}}
      pod: {serviceAccount: {annotations: {eks.amazonaws.com/role-arn: "\(role)"}}}
      """
    )
    let annotations = values["service_account"]?["create"]?["annotations"]
    #expect(annotations == ["eks.amazonaws.com/role-arn": .string(role)])
    #expect(values["pod"]?["automount_service_account_token"] == false)
  }

  @Test func `the resources of later manifests know more than cpu and memory`() throws {
    let limits = "{memory: 1Gi, ephemeralStorage: 2Gi, nvidia.com/gpu: \"1\"}"
    let values = try values("container: {app: {\(Self.app), resources: {limits: \(limits)}}}")
    #expect(
      container(values)?["resources"]?["limits"] == [
        "memory": "1Gi", "ephemeral-storage": "2Gi", "nvidia.com/gpu": "1",
      ]
    )
    #expect(container(values)?["resources"]?["requests"] == [:])
  }

  /// As the documentation of the deployment stage prints it.
  private static let documentation = """
    apiVersion: kubernetes.project-planton.org/v1
    kind: MicroserviceKubernetes
    metadata: {name: my-service, org: my-org, env: app-prod}
    spec:
      container:
        app:
          env:
            variables: {PORT: "8080", LOG_LEVEL: warn, DATABASE_POOL_SIZE: "20"}
            secrets: {DATABASE_PASSWORD: $secrets-group/database/password}
          resources:
            limits: {cpu: "2", memory: 2Gi}
            requests: {cpu: 200m, memory: 500Mi}
          ports:
            - {name: grpc-api, appProtocol: grpc, networkProtocol: TCP, servicePort: 80, containerPort: 8080, isIngressPort: true}
      ingress: {enabled: true, dnsDomain: example.com}
      availability:
        minReplicas: 3
        horizontalPodAutoscaling: {isEnabled: true, maxReplicas: 10}
      version: main
    """

  private func documented(image: String?) throws -> NormalFormResult {
    let (manifests, problems) = ManifestReader.read(
      Array(Self.documentation.utf8),
      file: "service.yaml",
      catalog: EcsFixtures.catalog,
      image: image
    )
    let manifest = try #require(manifests.first, "\(Fixtures.rendered(problems))")
    #expect(problems == [])
    return K8sFixtures.normalize(manifest, resolvesSecrets: false)
  }

  @Test func `the documentation's manifest works word for word`() throws {
    let result = try documented(image: "registry.example.com/my-service:1.0.0")
    #expect(EcsFixtures.lines(result.diagnostics) == "")
    let golden = Fixtures.text("\(K8sFixtures.folder)/normal-form/documentation-prod.tfvars.json")
    #expect(result.values == golden.flatMap { try? JSONValue(parsing: $0) })
  }

  @Test func `without an image the field and the flag are named`() throws {
    let result = try documented(image: nil)
    #expect(
      EcsFixtures.lines(result.diagnostics) == """
        service.yaml:7:7: error: `spec.container.app.image` is missing [k8s.image.missing] \
        path=spec.container.app.image hint=give it with `--image repo:tag` or in the manifest

        """
    )
  }
}
