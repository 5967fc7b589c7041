import LocalFiles
import StackModel
import Testing
import ToolProcess

/// References that are asked of sources, by the built binary.
@Suite(.needsTools, .timeLimit(.minutes(20))) struct ReferenceSourceTests {
  private static let planted = "planted-password-4711"

  private func manifest(variables: [String: String] = [:], secrets: [String: String]) -> String {
    func lines(_ values: [String: String]) -> String {
      values.sorted { $0.key < $1.key }.map { "          \($0.key): \($0.value)\n" }.joined()
    }
    return """
      apiVersion: kubernetes.project-planton.org/v1
      kind: MicroserviceKubernetes
      metadata: {name: web, org: shop, env: dev}
      spec:
        container:
          app:
            image: {repo: shop/web, tag: "1.0"}
            ports:
              - {name: http, appProtocol: http, networkProtocol: TCP, servicePort: 80, containerPort: 8080}
            env:
              variables:
      \(lines(variables.isEmpty ? ["PLAIN": "'yes'"] : variables))        secrets:
      \(lines(secrets))
      """
  }

  private func rows(_ result: Product.Result) throws -> [String] {
    try #require(try result.document().array).map { row in
      let value = row["value"]?.string ?? "-"
      return
        "\(row["reference"]?.string ?? "?") \(row["status"]?.string ?? "?") \(row["source"]?.string ?? "-") \(value)"
    }.sorted()
  }

  @Test func `values come from folders, variables and commands, in the order of the settings`() async throws {
    try await Product.run { stackjob in
      let folder = stackjob.folder
      _ = try stackjob.file("mounted/database/password", "\(Self.planted)\n")
      let groups = try stackjob.file(
        "groups.yaml",
        """
        apiVersion: service-hub.planton.ai/v1
        kind: VariablesGroup
        metadata: {name: common}
        spec: {entries: [{name: host, value: from-the-flag}]}
        """
      )
      let settings = try stackjob.file(
        "settings.yaml",
        """
        references:
          - {type: directory, path: \(folder)/mounted, kinds: [secrets]}
          - {type: environment, prefix: APP_, kinds: [variables]}
          - type: command
            name: our store
            command: [sh, -c, 'test "$1" = queue && echo "of-$1-$2" || exit 9', sh, "{group}", "{entry}"]
            missingExit: 9
        """
      )
      let environment = ["STACKJOB_CONFIG": settings, "APP_COMMON_HOST": "hidden", "APP_COMMON_PORT": "5432"]
      let service = try stackjob.file(
        "service.yaml",
        manifest(
          variables: ["HOST": "$variables-group/common/host", "PORT": "$variables-group/common/port"],
          secrets: ["PASSWORD": "$secrets-group/database/password", "TOKEN": "$secrets-group/queue/token"]
        )
      )
      let shown = try await stackjob(
        "references",
        service,
        "--references",
        groups,
        "--output",
        "json",
        environment: environment
      )
      expect(shown, .done)
      #expect(
        try rows(shown) == [
          "$secrets-group/database/password resolved directory \(folder)/mounted (sensitive)",
          "$secrets-group/queue/token resolved our store (sensitive)",
          "$variables-group/common/host resolved \(groups) from-the-flag",
          "$variables-group/common/port resolved environment APP_* 5432",
        ]
      )
      let text = try await stackjob("references", service, "--references", groups, environment: environment)
      expect(text, .done)
      #expect(text.stdout.contains("$variables-group/common/port = 5432, from environment APP_*"))

      // The job takes them, and leaves none of the secrets anywhere.
      let applied = try await stackjob(
        "apply",
        service,
        "--sandbox",
        "--auto-approve",
        "--references",
        groups,
        environment: environment
      )
      expect(applied, .done)
      for (path, bytes) in try stackjob.everything() where !path.hasPrefix("\(folder)/mounted") {
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(!text.contains(Self.planted), "\(path)")
        #expect(!text.contains("of-queue-token"), "\(path)")
      }
      // Without values nobody is asked for a destroy.
      let broken = try stackjob.file(
        "broken.yaml",
        "references: [{type: command, command: [stackjob-not-there]}]\n"
      )
      expect(
        try await stackjob(
          "destroy",
          service,
          "--sandbox",
          "--auto-approve",
          environment: ["STACKJOB_CONFIG": broken]
        ),
        .done
      )
    }
  }

  @Test func `all that cannot be resolved is told at once, and nothing is begun`() async throws {
    try await Product.run { stackjob in
      _ = try stackjob.file("mounted/database/password", Self.planted)
      let settings = try stackjob.file(
        "settings.yaml",
        "references: [{type: directory, path: \(stackjob.folder)/mounted}]\n"
      )
      let service = try stackjob.file(
        "service.yaml",
        manifest(
          secrets: ["A": "$secrets-group/database/pasword", "B": "$secrets-group/queue/token"]
        )
      )
      let refused = try await stackjob(
        "apply",
        service,
        "--sandbox",
        "--auto-approve",
        environment: ["STACKJOB_CONFIG": settings]
      )
      expect(refused, .badData)
      #expect(refused.stderr.contains("the secrets group `database` has no entry `pasword`"))
      #expect(refused.stderr.contains("did you mean `database/password`?"))
      #expect(refused.stderr.contains("no source has the entry `token` of the secrets group `queue`"))
      #expect(refused.stderr.contains("service.yaml:"))
      #expect(!LocalFiles.exists("\(stackjob.stateHome)/sandbox/stacks"))
      let shown = try await stackjob(
        "references",
        service,
        "--output",
        "json",
        environment: ["STACKJOB_CONFIG": settings]
      )
      expect(shown, .badData)
      #expect(
        try rows(shown) == [
          "$secrets-group/database/pasword open - -", "$secrets-group/queue/token open - -",
        ]
      )
    }
  }

  @Test func `a source that does not answer, or refuses us, has its own exit code`() async throws {
    try await Product.run { stackjob in
      let service = try stackjob.file(
        "service.yaml",
        manifest(secrets: ["A": "$secrets-group/database/password"])
      )
      let sources = [
        // Nobody listens on a port of the discard service here.
        ("{type: http, url: 'http://127.0.0.1:9/{group}', timeoutSeconds: 5}", ExitCode.unavailable),
        ("{type: vault, address: 'http://127.0.0.1:9'}", .credentials),
        ("{type: command, command: ['false']}", .badData),
        ("{type: directory, path: /tmp/stackjob-not-there}", .unavailable),
      ]
      for (source, code) in sources {
        let settings = try stackjob.file("settings.yaml", "references: [\(source)]\n")
        let result = try await stackjob(
          "plan",
          service,
          "--sandbox",
          environment: ["STACKJOB_CONFIG": settings]
        )
        expect(result, code)
      }
      let unknown = try stackjob.file("settings.yaml", "references:\n  - type: valt\n")
      let result = try await stackjob("plan", service, "--sandbox", environment: ["STACKJOB_CONFIG": unknown])
      expect(result, .badData)
      #expect(result.stderr.contains("did you mean `vault`?") && result.stderr.contains("settings.yaml:2:"))
    }
  }

  @Test(.needsAge) func `a file that age has encrypted is decrypted in memory alone`() async throws {
    try await Product.run { stackjob in
      let groups = try stackjob.file(
        "groups.yaml",
        """
        apiVersion: service-hub.planton.ai/v1
        kind: SecretsGroup
        metadata: {name: database}
        spec: {entries: [{name: password, value: \(Self.planted)}]}
        """
      )
      let made = try await stackjob.shell(
        """
        cd \(stackjob.folder) && age-keygen -o key.txt 2>/dev/null &&
        age -r "$(age-keygen -y key.txt)" -o groups.age groups.yaml && rm groups.yaml
        """
      )
      try #require(made.exit.isSuccess, "\(made.stderr)")
      #expect(!LocalFiles.exists(groups))
      let settings = try stackjob.file(
        "settings.yaml",
        "references: [{type: age, file: \(stackjob.folder)/groups.age, identity: \(stackjob.folder)/key.txt}]\n"
      )
      let service = try stackjob.file(
        "service.yaml",
        manifest(secrets: ["A": "$secrets-group/database/password"])
      )
      let planned = try await stackjob(
        "plan",
        service,
        "--sandbox",
        environment: ["STACKJOB_CONFIG": settings]
      )
      expect(planned, .done)
      for (path, bytes) in try stackjob.everything() {
        #expect(!String(decoding: bytes, as: UTF8.self).contains(Self.planted), "\(path)")
      }
    }
  }

  @Test func `Secrets Manager and the parameter store are asked with the run's credentials`() async throws {
    try await LocalAWS.run { aws in
      try aws.keepSecret("shop/database", #"{"password": "\#(Self.planted)"}"#)
      try aws.keepParameter("/queue/token", "parameter-4711")
      try await Product.run(environment: aws.environment) { stackjob in
        let settings = try stackjob.file(
          "settings.yaml",
          """
          references:
            - {type: aws-secrets-manager, secret: "shop/{group}", key: "{entry}"}
            - {type: aws-ssm}
          """
        )
        let service = try stackjob.file(
          "service.yaml",
          manifest(
            secrets: ["A": "$secrets-group/database/password", "B": "$secrets-group/queue/token"]
          )
        )
        let shown = try await stackjob(
          "references",
          service,
          "--output",
          "json",
          environment: ["STACKJOB_CONFIG": settings]
        )
        expect(shown, .done)
        #expect(
          try rows(shown) == [
            "$secrets-group/database/password resolved aws-secrets-manager shop/{group} (sensitive)",
            "$secrets-group/queue/token resolved aws-ssm (sensitive)",
          ]
        )
        let absent = try stackjob.file(
          "absent.yaml",
          manifest(secrets: ["A": "$secrets-group/database/pasword"])
        )
        let refused = try await stackjob("references", absent, environment: ["STACKJOB_CONFIG": settings])
        expect(refused, .badData)
        #expect(refused.stderr.contains("did you mean `database/password`?"))
      }
    }
  }
}
