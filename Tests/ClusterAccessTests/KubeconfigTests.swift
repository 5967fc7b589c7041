import ClusterAccess
import LocalFiles
import StackModel
import Testing

/// A kubeconfig in a folder of one test's own.
private func choose(
  _ files: [String: String],
  sources: [ClusterSource],
  pod: PodAccount = PodAccount(folder: "/nowhere", host: nil, port: nil),
  _ check: (String, Result<ClusterConnection, DiagnosticFailure>) throws -> Void
) throws {
  let folder = "/tmp/stackjob-cluster-\(UInt64.random(in: 0 ... .max))"
  try LocalFiles.makeFolder(folder)
  defer { try? LocalFiles.removeTree(folder) }
  for (name, text) in files { try LocalFiles.replace("\(folder)/\(name)", with: Array(text.utf8)) }
  let placed = sources.map { source in
    var source = source
    source.kubeconfig = source.kubeconfig.map { $0.replacing("@", with: folder) }
    return source
  }
  var pod = pod
  pod.folder = pod.folder.replacing("@", with: folder)
  try check(
    folder,
    ClusterChoice(sources: placed, defaultKubeconfig: "\(folder)/default", pod: pod).resolve()
  )
}

private let prod = """
  apiVersion: v1
  kind: Config
  current-context: prod
  clusters:
    - {name: prod, cluster: {server: "https://prod.example.com:6443", certificate-authority: pki/ca.crt}}
    - {name: dev, cluster: {server: "https://dev.example.com", proxy-url: "http://proxy:3128"}}
  contexts:
    - {name: prod, context: {cluster: prod, user: deployer, namespace: shop}}
    - {name: dev, context: {cluster: dev, user: plugin}}
    - {name: broken, context: {cluster: gone, user: deployer}}
  users:
    - {name: deployer, user: {token: s3cret-token}}
    - {name: plugin, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: ./bin/login, args: [a]}}}

  """

private func code(_ result: Result<ClusterConnection, DiagnosticFailure>) -> String? {
  if case .failure(let failure) = result { failure.diagnostics.first?.code } else { nil }
}

@Suite struct KubeconfigTests {
  @Test func `the current context is looked up and named, and only what it leads to is handed on`() throws {
    try choose(["config": prod], sources: [ClusterSource("flags", kubeconfig: ["@/config"])]) {
      folder,
      result in
      let found = try result.get()
      #expect(
        found.target
          == ProviderTarget(
            provider: "kubernetes",
            target: "https://prod.example.com:6443",
            context: "prod",
            user: "deployer"
          )
      )
      let text = found.kubeconfig.text()
      #expect(!text.contains("dev.example.com"))
      #expect(
        found.kubeconfig["clusters"]?[0]?["cluster"]?["certificate-authority"]?.string
          == "\(folder)/pki/ca.crt"
      )
      #expect(found.kubeconfig["contexts"]?[0]?["context"]?["namespace"]?.string == "shop")
      #expect(found.secrets.map { $0.reveal() } == ["s3cret-token"])
    }
  }

  @Test func `a credential plugin is handed on, found from the file's own folder`() throws {
    let source = ClusterSource("flags", kubeconfig: ["@/config"], context: "dev")
    try choose(["config": prod], sources: [source]) { folder, result in
      let found = try result.get()
      #expect(found.target.target == "https://dev.example.com")
      let exec = found.kubeconfig["users"]?[0]?["user"]?["exec"]
      #expect(exec?["command"]?.string == "\(folder)/./bin/login")
      #expect(exec?["args"]?[0]?.string == "a")
      #expect(found.kubeconfig["clusters"]?[0]?["cluster"]?["proxy-url"]?.string == "http://proxy:3128")
    }
  }

  @Test func `of several files the first entry of a name counts, and missing files are passed over`() throws {
    let other = prod.replacing("prod.example.com", with: "impostor.example.com")
    let source = ClusterSource("flags", kubeconfig: ["@/missing", "@/config", "@/other"])
    try choose(["config": prod, "other": other], sources: [source]) { _, result in
      let found = try result.get()
      #expect(found.target.target == "https://prod.example.com:6443")
    }
  }

  @Test(
    arguments: [
      ("@/missing", nil, "cluster.kubeconfig"), ("@/config", "nope", "cluster.context"),
      ("@/config", "broken", "cluster.kubeconfig"), ("@/empty", nil, "yaml.empty"),
      ("@/other", nil, "cluster.kubeconfig"), ("@/bare", nil, "cluster.context"),
    ] as [(String, String?, String)]
  )
  func `a kubeconfig that leads nowhere is an error`(file: String, context: String?, expected: String) throws
  {
    let files = ["config": prod, "empty": "", "other": "kind: Deployment\n", "bare": "contexts: []\n"]
    let source = ClusterSource("flags", kubeconfig: [file], context: context)
    try choose(files, sources: [source]) { _, result in #expect(code(result) == expected) }
  }
}

@Suite struct ClusterChoiceTests {
  private let token = ["host": "10.0.0.1:6443", "token": "t0ken", "cluster_ca_certificate": "PEM"]

  @Test func `nothing is guessed`() throws {
    try choose(["default": prod], sources: [ClusterSource("the environment")]) { _, result in
      #expect(code(result) == "cluster.none")
    }
  }

  @Test func `a context that is named stands in the default file`() throws {
    try choose(["default": prod], sources: [ClusterSource("flags", context: "dev")]) { _, result in
      let found = try result.get()
      #expect(found.target.context == "dev")
    }
  }

  @Test func `two ways in one place are an error`() throws {
    let both = ClusterSource("the environment", kubeconfig: ["@/config"], host: token)
    try choose(["config": prod], sources: [both]) { _, result in #expect(code(result) == "cluster.several") }
  }

  @Test func `the stronger source wins as a whole, but for the context`() throws {
    let sources = [
      ClusterSource("flags", context: "dev"), ClusterSource("rule", kubeconfig: ["@/config"]),
      ClusterSource("the environment", context: "prod", host: token),
    ]
    try choose(["config": prod], sources: sources) { _, result in
      let found = try result.get()
      #expect(found.target.target == "https://dev.example.com")
    }
  }

  @Test func `a context before a host is the stronger, beside one it is a second way`() throws {
    let host = ClusterSource("the environment", host: token)
    try choose(["default": prod], sources: [ClusterSource("flags", context: "dev"), host]) { _, result in
      let found = try result.get()
      #expect(found.target.context == "dev")
    }
    var both = host
    both.context = "dev"
    try choose(["default": prod], sources: [both]) { _, result in #expect(code(result) == "cluster.several") }
    let weaker = ClusterSource("the environment", context: "dev")
    try choose([:], sources: [ClusterSource("rule", host: token), weaker]) { _, result in
      let found = try result.get()
      #expect(found.target.target == "https://10.0.0.1:6443")
    }
  }

  @Test func `what is secret in a kubeconfig is masked, at any depth`() throws {
    let text = """
      current-context: x
      clusters: [{name: c, cluster: {server: "https://h", proxy-url: "http://me:pr0xy-word@p:1"}}]
      contexts: [{name: x, context: {cluster: c, user: u}}]
      users:
        - name: u
          user:
            auth-provider: {name: oidc, config: {refresh-token: r3fresh, client-id: public}}
            exec:
              command: login
              env: [{name: AWS_SECRET_ACCESS_KEY, value: k3y}, {name: AWS_PROFILE, value: prod}]

      """
    try choose(["config": text], sources: [ClusterSource("flags", kubeconfig: ["@/config"])]) { _, result in
      let found = try result.get()
      #expect(Set(found.secrets.map { $0.reveal() }) == ["pr0xy-word", "r3fresh", "k3y"])
    }
  }

  @Test func `a host comes with its certificate and token, and neither is shown`() throws {
    try choose([:], sources: [ClusterSource("the environment", host: token)]) { _, result in
      let found = try result.get()
      #expect(found.target.target == "https://10.0.0.1:6443")
      #expect(found.kubeconfig["clusters"]?[0]?["cluster"]?["certificate-authority-data"]?.string == "UEVN")
      #expect(found.secrets.map { $0.reveal() } == ["t0ken"])
    }
  }

  @Test func `a host without credentials is an error`() throws {
    try choose([:], sources: [ClusterSource("the environment", host: ["host": "10.0.0.1"])]) { _, result in
      #expect(code(result) == "cluster.credentials")
    }
  }

  @Test func `the pod's own cluster has to be asked for, and its token stays in its file`() throws {
    let pod = PodAccount(folder: "@", host: "fd00::1", port: "443")
    let files = ["token": "abc", "ca.crt": "PEM"]
    try choose(files, sources: [ClusterSource("flags")], pod: pod) { _, result in
      #expect(code(result) == "cluster.none")
    }
    try choose(files, sources: [ClusterSource("flags", inCluster: true)], pod: pod) { folder, result in
      let found = try result.get()
      #expect(found.target.target == "https://[fd00::1]:443")
      #expect(found.kubeconfig["users"]?[0]?["user"]?["tokenFile"]?.string == "\(folder)/token")
    }
    try choose([:], sources: [ClusterSource("flags", inCluster: true)], pod: pod) { _, result in
      #expect(code(result) == "cluster.pod")
    }
  }
}
