import LocalFiles
import StackModel
import Synchronization
import Testing
import ToolProcess
import YAMLTree

#if canImport(Glibc)
  import Glibc
#endif

/// A service with five overlays on its way through its environments, with the real Terraform and a played
/// Kubernetes.
@Suite(.needsTools, .needsKubectl, .timeLimit(.minutes(20))) struct DeployTests {
  private static let service = "\(Project.root)/Tests/Fixtures/deployment/web"
  private static let planted = "planted-session-key-4711"

  private func arguments(_ more: [String], branch: String = "feature/cart", image: String = "shop/web:1.0")
    -> [String]
  {
    [
      "deploy", Self.service, "--sandbox", "--branch", branch, "--image", image, "--references",
      "\(Self.service)/secrets.yaml",
    ] + more
  }

  private func deploy(_ stackjob: Product, _ more: String..., image: String = "shop/web:1.0") async throws
    -> Product.Result
  {
    try await stackjob.run(arguments(["--auto-approve"] + more, image: image))
  }

  /// Task by task, `dev succeeded`.
  private func tasks(_ run: JSONValue) -> [String] {
    (run["tasks"]?.array ?? []).map { task in
      let word =
        task["unchanged"] == true
        ? "unchanged" : task["result"]?.string ?? task["status"]?.string ?? "?"
      return "\(task["task"]?.string ?? "?") \(word)"
    }
  }

  private func show(_ stackjob: Product) async throws -> JSONValue {
    let shown = try await stackjob("run", "show", "last", "--output", "json")
    expect(shown, .done)
    return try shown.document()
  }

  private func jobCount(_ run: JSONValue) -> [Int] {
    (run["tasks"]?.array ?? []).map { $0["jobs"]?.array?.count ?? 0 }
  }

  @Test func `a pull request is shown what each environment would get, and nothing is changed`() async throws
  {
    try await Product.run { stackjob in
      let plan = try await stackjob.run(arguments(["--plan", "--output", "markdown"]))
      expect(plan, .done)
      for environment in ["app-dev", "app-staging", "app-prod", "app-prod-eu"] {
        #expect(plan.stdout.contains("### `acme/\(environment)/MicroserviceKubernetes/web`: 5 to add"))
      }
      #expect(!plan.stdout.contains("local"))
      #expect(try await stackjob("runs", "--sandbox", "--output", "json").document()["runs"]?.array == [])
      #expect(try LocalFiles.list("\(stackjob.stateHome)/sandbox/runs") == [])
      // Another branch is not for dev.
      let other = try await stackjob.run(arguments(["--plan", "--output", "json"], branch: "main"))
      expect(other, .done)
      #expect(try other.document()["jobs"]?.array?.count == 3)
    }
  }

  @Test func `a deployment waits at its gate, goes on once it is approved, and need not be done again`()
    async throws
  {
    try await Product.run { stackjob in
      expect(try await deploy(stackjob), .awaitingApproval)
      let waiting = try await show(stackjob)
      #expect(waiting["status"]?.string == "awaiting_approval")
      #expect(
        tasks(waiting) == ["dev succeeded", "staging succeeded", "prod awaiting_approval", "prod-eu queued"]
      )
      // Nobody has decided: nothing more happens.
      expect(try await stackjob("resume", "last"), .awaitingApproval)
      #expect(jobCount(try await show(stackjob)) == [1, 1, 0, 0])

      expect(try await stackjob("approve", "last", "prod", "--reason", "tested by Ana"), .done)
      let late = try await stackjob("reject", "last", "prod", "--reason", "on second thoughts")
      expect(late, .badData)
      #expect(late.stderr.contains("[gate.not-open]"))
      let resumed = try await stackjob("resume", "last", "--output", "json")
      expect(resumed, .done)
      let run = try resumed.document()
      #expect(run["result"]?.string == "succeeded")
      #expect(jobCount(run) == [1, 1, 1, 1])
      let decision = run["tasks"]?[2]?["decision"]
      #expect(decision?["reason"]?.string == "tested by Ana")
      #expect(decision?["by"]?.string?.isEmpty == false)
      #expect(decision?["at"]?.string.flatMap { Timestamp($0) } != nil)

      let again = try await deploy(stackjob, "--output", "json")
      expect(again, .done)
      let second = try again.document()
      #expect(tasks(second) == ["dev", "staging", "prod", "prod-eu"].map { "\($0) unchanged" })
      #expect(jobCount(second) == [0, 0, 0, 0])

      // Another image is another deployment, and what somebody has changed since is not taken for done.
      expect(try await deploy(stackjob, image: "shop/web:1.1"), .awaitingApproval)
      #expect(tasks(try await show(stackjob)).first == "dev succeeded")
      expect(try await stackjob("reject", "last", "--reason", "no"), .done)
      expect(try await deploy(stackjob), .done)
      #expect(
        tasks(try await show(stackjob)) == [
          "dev succeeded", "staging succeeded", "prod unchanged", "prod-eu unchanged",
        ]
      )
    }
  }

  @Test func `a rejection skips the task and all later ones and ends the run for good`() async throws {
    try await Product.run { stackjob in
      expect(try await deploy(stackjob), .awaitingApproval)
      let empty = try await stackjob("reject", "last", "--reason", " ")
      expect(empty, .usage)
      expect(try await stackjob("reject", "last", "--reason", "errors in staging"), .done)
      let run = try await show(stackjob)
      #expect(tasks(run) == ["dev succeeded", "staging succeeded", "prod rejected", "prod-eu skipped"])
      #expect(run["tasks"]?[2]?["reason"]?.string?.hasSuffix(": errors in staging") == true)
      expect(try await stackjob("resume", "last"), .failed)
      expect(try await stackjob("approve", "last"), .badData)
      #expect(jobCount(try await show(stackjob)) == [1, 1, 0, 0])
      let markdown = try await stackjob("run", "show", "last", "--output", "markdown")
      #expect(markdown.stdout.contains("rejected"))
    }
  }

  @Test func `a failed task stops later ones, and the next try begins with it`() async throws {
    try await Product.run { stackjob in
      let faults = [
        "STACKJOB_SANDBOX_FAULTS":
          #"[{"do": "fail", "type": "kubernetes_service_v1", "id": "web-app-staging/web"}, {"do": "fail", "type": "kubernetes_deployment_v1", "summary": "no room"}]"#
      ]
      let failed = try await stackjob.run(
        arguments(["--auto-approve", "--output", "json"]),
        environment: faults
      )
      expect(failed, .failed)
      #expect(
        tasks(try failed.document()) == ["dev failed", "staging skipped", "prod skipped", "prod-eu skipped"]
      )
      let resumed = try await stackjob("resume", "last", "--output", "json")
      expect(resumed, .awaitingApproval)
      #expect(jobCount(try resumed.document()) == [2, 1, 0, 0])
    }
  }

  /// Where the process is killed: at the first event that holds all of these.
  @Test(arguments: [
    ["job.started", "app-dev"], ["phase.started", #""init""#, "app-dev"], ["resource.started", "app-dev"],
    ["job.finished", "app-dev"], ["resource.started", "app-staging"], ["job.finished", "app-staging"],
  ]) func `after kill -9 the run goes on from where it stood`(words: [String]) async throws {
    try await Product.run { stackjob in
      // Slow enough that a resource is still being made when the process is gone.
      let faults = [
        "STACKJOB_SANDBOX_FAULTS": #"[{"do": "slow", "seconds": 1, "type": "kubernetes_deployment_v1"}]"#
      ]
      let stop = StopSwitch()
      let engine = Mutex<Int?>(nil)
      // Providers behind the host die with it, and take what they are making along.
      let killed = try await stackjob.run(
        arguments(["--auto-approve", "--providers", "plain", "--output", "ndjson"]),
        environment: faults,
        stop: stop,
        when: { line in
          if line.contains(#""tool.started""#), let pid = (try? JSONValue(parsing: line))?["pid"]?.int {
            engine.withLock { $0 = pid }
          }
          if words.allSatisfy(line.contains) { stop.force() }
        }
      )
      #expect(killed.exit == .signal(Int(SIGKILL)))
      // The engine has a session of its own and goes on to its end.
      if let pid = engine.withLock({ $0 }) { try await Product.end(ofEngine: pid) }
      let cut = try await show(stackjob)
      #expect(cut["result"]?.isNull == true, "\(tasks(cut))")
      expect(try await stackjob("resume", "last"), .awaitingApproval)
      let resumed = try await show(stackjob)
      #expect(
        tasks(resumed) == ["dev succeeded", "staging succeeded", "prod awaiting_approval", "prod-eu queued"]
      )
      // What had succeeded was not run again.
      if words.contains("app-staging") { #expect(jobCount(resumed).first == 1) }
      expect(try await stackjob("approve", "last", "--resume"), .done)
      // All that was made is known: nothing is left to change.
      let plan = try await stackjob.run(arguments(["--plan", "--output", "json"]))
      expect(plan, .done)
      for job in try plan.document()["jobs"]?.array ?? [] { #expect(job["has_changes"] == false) }
    }
  }

  @Test func `Ctrl-C ends what runs, begins nothing new, and leaves a run to go on with`() async throws {
    try await Product.run { stackjob in
      let stop = StopSwitch()
      let stopped = try await stackjob.run(
        arguments(["--auto-approve", "--output", "ndjson"]),
        environment: ["STACKJOB_SANDBOX_FAULTS": #"[{"do": "hang", "type": "kubernetes_deployment_v1"}]"#],
        stop: stop,
        when: { line in
          if line.contains("resource.started"), line.contains("kubernetes_deployment_v1") {
            stop.requestStop()
          }
        }
      )
      expect(stopped, .cancelled)
      #expect(
        tasks(try await show(stackjob)) == [
          "dev cancelled", "staging queued", "prod queued", "prod-eu queued",
        ]
      )
      expect(try await stackjob("resume", "last"), .awaitingApproval)
    }
  }

  @Test func `no secret is written below the state home, and the record keeps the reference`() async throws {
    try await Product.run { stackjob in
      expect(try await deploy(stackjob), .awaitingApproval)
      let found = try stackjob.everything()
      #expect(found.contains { $0.path.hasSuffix("manifests/prod.yaml") })
      // The played provider is the platform here: what it holds is what was deployed. Its binary is large.
      for (path, bytes) in found where !path.hasSuffix("/sandbox.json") && !path.contains("/mirror-") {
        #expect(bytes.firstRange(of: Array(Self.planted.utf8)) == nil, "in \(path)")
      }
      let kept = try #require(found.first { $0.path.hasSuffix("manifests/prod.yaml") })
      #expect(String(decoding: kept.bytes, as: UTF8.self).contains("$secrets-group/web/session-key"))
    }
  }

  @Test func `all problems are told before anything starts`() async throws {
    try await Product.run { stackjob in
      let result = try await stackjob.run([
        "deploy", Self.service, "--sandbox", "--branch", "feature/x", "--auto-approve", "--output", "json",
      ])
      expect(result, .badData)
      let problems = try result.document()["diagnostics"]?.array ?? []
      // Each once, where it is written, though four overlays have it from there.
      #expect(problems.map { $0["code"]?.string } == ["k8s.image.missing", "reference.unresolved"])
      #expect(problems.map { $0["line"]?.int } == [10, 15])
      for problem in problems {
        #expect(problem["file"]?.string?.hasSuffix("_kustomize/base/service.yaml") == true)
      }
      #expect(try LocalFiles.list("\(stackjob.stateHome)/sandbox/runs") == [])
    }
  }

  @Test func `nobody is asked where there is no terminal`() async throws {
    try await Product.run { stackjob in
      let result = try await stackjob.run(arguments([]))
      expect(result, .failed)
      #expect(result.stderr.contains("--auto-approve"))
      #expect(try LocalFiles.list("\(stackjob.stateHome)/sandbox/runs") == [])
    }
  }

  @Test func `what is missing is told before anything is recorded`() async throws {
    try await Product.run { stackjob in
      let linked = try await stackjob.shell("mkdir bin && ln -s \"$(command -v kubectl)\" bin/")
      expect(linked, .done)
      let result = try await stackjob.run(
        arguments(["--auto-approve"]),
        environment: ["PATH": "\(stackjob.folder)/bin"]
      )
      expect(result, .unavailable)
      #expect(try LocalFiles.list("\(stackjob.stateHome)/sandbox/runs") == [])
    }
  }

  @Test(arguments: ["kubectl", "terraform"])
  func `a stop while a tool is asked for its version is no fault of the tool`(tool: String) async throws {
    try await Product.run { stackjob in
      let linked = try await stackjob.shell(
        """
        mkdir bin && ln -s "$(command -v kubectl)" bin/ && rm -f bin/\(tool)
        printf '#!/bin/sh\\nkill -TERM $PPID\\nexec /bin/sleep 60\\n' > bin/\(tool) && chmod +x bin/\(tool)
        """
      )
      expect(linked, .done)
      let result = try await stackjob.run(
        arguments(["--auto-approve"]),
        environment: ["PATH": "\(stackjob.folder)/bin"]
      )
      expect(result, .cancelled)
      #expect(!result.stderr.contains("cannot be used"))
      #expect(((try? LocalFiles.list("\(stackjob.stateHome)/sandbox/runs")) ?? []) == [])
    }
  }

  @Test func `a gate whose decision cannot be understood opens for nobody`() async throws {
    try await Product.run { stackjob in
      expect(try await deploy(stackjob), .awaitingApproval)
      let id = try #require(try await show(stackjob)["run"]?.string)
      let file = "sandbox/runs/\(id)/decisions/prod.json"
      try LocalFiles.makeFolder("\(stackjob.stateHome)/sandbox/runs/\(id)/decisions")
      try LocalFiles.replace("\(stackjob.stateHome)/\(file)", with: Array("junk".utf8))
      for line in [["approve", "last"], ["reject", "last", "--reason", "no"], ["resume", "last"]] {
        let result = try await stackjob.run(line)
        expect(result, .badData)
        #expect(result.stderr.contains("[gate.unreadable]") && result.stderr.contains(file))
      }
      let shown = try await stackjob("run", "show", "last")
      expect(shown, .done)
      #expect(shown.stderr.contains("[gate.unreadable]"))
      // A variable that was never set names no run, though there is only one.
      expect(try await stackjob("resume", ""), .badData)
    }
  }

  @Test func `a process that waits at a gate goes on when somebody decides elsewhere`() async throws {
    try await Product.run { stackjob in
      let (finished, announce) = AsyncStream<Void>.makeStream()
      async let waiting = stackjob.run(
        arguments(["--auto-approve", "--wait", "--output", "ndjson"]),
        when: { line in
          if line.contains("job.finished"), line.contains("app-staging") { announce.yield() }
        }
      )
      var announced = finished.makeAsyncIterator()
      await announced.next()
      // The event comes a moment before the gate is open.
      while tasks(try await show(stackjob)).contains("prod awaiting_approval") == false { await Task.yield() }
      // One process at a time.
      expect(try await stackjob("resume", "last"), .locked)
      expect(try await stackjob("approve", "last"), .done)
      expect(try await waiting, .done)
      #expect(try await show(stackjob)["result"]?.string == "succeeded")
    }
  }

  @Test func `independent environments are deployed at once when asked`() async throws {
    try await Product.run { stackjob in
      let pipeline = try stackjob.file("pipeline.yaml", "order: [[dev, staging, prod], prod-eu]\n")
      let both = Mutex((running: Set<String>(), most: 0))
      let result = try await stackjob.run(
        arguments(["--auto-approve", "--parallel", "3", "--pipeline", pipeline, "--output", "ndjson"]),
        environment: [
          "STACKJOB_SANDBOX_FAULTS": #"[{"do": "slow", "seconds": 1, "type": "kubernetes_deployment_v1"}]"#
        ],
        when: { line in
          guard let event = try? JSONValue(parsing: line), let stack = event["stack"]?.string else { return }
          both.withLock { both in
            if event["type"] == "job.started" { both.running.insert(stack) }
            if event["type"] == "job.finished" { both.running.remove(stack) }
            both.most = max(both.most, both.running.count)
          }
        }
      )
      expect(result, .done)
      _ = try result.events()
      #expect(both.withLock { $0.most } > 1)
      #expect(tasks(try await show(stackjob)).allSatisfy { $0.hasSuffix("succeeded") })
    }
  }

  @Test func `what one step has built another deploys from a ConfigMap`() async throws {
    try await Product.run { stackjob in
      let map = "\(stackjob.folder)/map.yaml"
      let built = try await stackjob.shell(
        "\"$0\" overlays \(Self.service) --configmap web-manifests > \(map)"
      )
      expect(built, .done)
      let more = [
        "deploy", "--sandbox", "--from-configmap", map, "--image", "shop/web:1.0", "--references",
        "\(Self.service)/secrets.yaml", "--auto-approve", "--output", "json",
      ]
      // No branch is known, so dev is passed over.
      let result = try await stackjob.run(more)
      expect(result, .done)
      #expect(tasks(try result.document()) == ["prod succeeded", "prod-eu succeeded", "staging succeeded"])
      // A task's name is that of a file; nothing leads out of the run's folder.
      let text = try #require(LocalFiles.text(map))
      _ = try stackjob.file("map.yaml", text.replacing("\"staging\":", with: "\"../../staging\":"))
      let refused = try await stackjob.run(more)
      expect(refused, .badData)
      #expect(refused.stdout.contains("overlay.name"))
    }
  }

  @Test func `a ConfigMap is taken from standard input, and from a cluster by its name`() async throws {
    try await LocalCluster.run { cluster in
      try await Product.run { stackjob in
        let rest =
          "--sandbox --image shop/web:1.0 --references \(Self.service)/secrets.yaml --plan --output json"
        let piped = try await stackjob.shell(
          "\"$0\" overlays \(Self.service) --configmap web-manifests | \"$0\" deploy --from-configmap - \(rest)"
        )
        expect(piped, .done)
        #expect(try piped.document()["jobs"]?.array?.count == 3)

        let built = try await stackjob("overlays", Self.service, "--configmap", "web-manifests")
        let map = try #require(YAMLReader.read(Array(built.stdout.utf8), file: "map").documents.first?.json)
        // What kubectl asks a server for first.
        try cluster.put([
          "/api": ["kind": "APIVersions", "versions": ["v1"]],
          "/apis": ["kind": "APIGroupList", "apiVersion": "v1", "groups": []],
          "/api/v1": [
            "kind": "APIResourceList", "groupVersion": "v1",
            "resources": [["name": "configmaps", "namespaced": true, "kind": "ConfigMap", "verbs": ["get"]]],
          ], "/api/v1/namespaces/shop/configmaps/web-manifests": map,
        ])
        let kubeconfig = try stackjob.file(
          "kubeconfig",
          cluster.kubeconfig.replacing(#""current-context":"stranger""#, with: #""current-context":"known""#)
        )
        func ask(_ name: String) async throws -> Product.Result {
          try await stackjob.shell(
            "\"$0\" deploy --from-configmap \(name) --namespace shop \(rest)",
            environment: ["KUBECONFIG": kubeconfig]
          )
        }
        let named = try await ask("web-manifests")
        expect(named, .done)
        #expect(try named.document()["jobs"]?.array?.count == 3)
        let missing = try await ask("other")
        expect(missing, .badData)
        #expect(missing.stdout.contains("configmap.read") && missing.stdout.contains("not found"))
      }
    }
  }

  @Test func `GitHub is given a summary page and annotations`() async throws {
    try await Product.run { stackjob in
      let summary = try stackjob.file("summary.md", "before\n")
      let result = try await stackjob.run(
        arguments(["--auto-approve"]),
        environment: [
          "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": summary,
          "STACKJOB_SANDBOX_FAULTS":
            #"[{"do": "fail", "type": "kubernetes_deployment_v1", "summary": "no room"}]"#,
        ]
      )
      expect(result, .failed)
      let page = try #require(LocalFiles.text(summary))
      #expect(page.hasPrefix("before\n"))
      #expect(page.contains("| `dev` |"))
      #expect(result.stderr.contains("::error "))
      #expect(result.stderr.contains("title=dev%3A no room"))
    }
  }
}
