import LocalFiles
import StackModel
import Testing
import ToolProcess
import YAMLTree

#if canImport(Glibc)
  import Glibc
#endif

/// Service repositories, from the first file to what would be deployed, by the binary and the real kustomize.
@Suite(.timeLimit(.minutes(20))) struct ServiceRepositoryTests {
  private static let examples = ["service-repository", "ecs-service-repository"]

  private func overlays(_ result: Product.Result) throws -> [String: JSONValue] {
    let array = try #require(try JSONValue(parsing: result.stdout).array)
    return Dictionary(uniqueKeysWithValues: array.map { ($0["name"]?.string ?? "", $0) })
  }

  @Test(arguments: examples)
  func `the examples build, and branches choose among their overlays`(_ example: String) async throws {
    try await Product.run { stackjob in
      let folder = "\(Project.root)/examples/\(example)"
      for (branch, selected) in [
        ("main", ["eu-central-1", "prod", "staging"]), ("dev-login", ["dev"]), ("feature/x", []),
      ] {
        let result = try await stackjob("overlays", folder, "--branch", branch, "--output", "json")
        expect(result, .done)
        let found = try overlays(result)
        #expect(found.filter { $0.value["selected"]?.bool == true }.keys.sorted() == selected)
        #expect(found.values.allSatisfy { $0["problems"]?.array?.isEmpty == true }, "\(result.stdout)")
        #expect(found["prod"]?["environment"] == "shop-prod")
        #expect(found["local"]?["environment"]?.isNull == true)
        #expect(found.values.allSatisfy { $0["reason"]?.string?.isEmpty == false })
      }
      let text = try await stackjob("overlays", folder, "--branch", "main")
      expect(text, .done)
      #expect(text.stdout.split(separator: "\n").count == 6 && text.stderr == "")
    }
  }

  @Test(arguments: examples)
  func `each overlay of the examples is a valid manifest`(_ example: String) async throws {
    try await Product.run { stackjob in
      let folder = "\(Project.root)/examples/\(example)"
      for overlay in ["dev", "eu-central-1", "prod", "staging"] {
        let result = try await stackjob.shell(
          """
          kubectl kustomize \(folder)/_kustomize/overlays/\(overlay) |
            "$0" validate - --image a/b:1 --references \(folder)/references/groups.yaml
          """
        )
        expect(result, .done)
        #expect(result.stderr == "", "\(overlay)")
      }
    }
  }

  @Test func `the branch comes from the CI system, and from git`() async throws {
    try await Product.run { stackjob in
      let variables = ["GITHUB_ACTIONS": "true", "GITHUB_HEAD_REF": "dev-ci", "GITHUB_REF_NAME": "1/merge"]
      let folder = "\(Project.root)/examples/service-repository"
      let ci = try await stackjob("overlays", folder, "--output", "json", environment: variables)
      #expect(try overlays(ci)["dev"]?["selected"] == true)

      let git = try await stackjob.shell(
        "cp -r \(folder) shop && cd shop && git init -q -b dev-git . && \"$0\" overlays _kustomize/overlays/dev -o json"
      )
      expect(git, .done)
      #expect(try overlays(git)["dev"]?["selected"] == true)
      #expect(try overlays(git)["dev"]?["path"] == "_kustomize/overlays/dev")
    }
  }

  @Test func `a broken overlay stops what would deploy it, and nothing else`() async throws {
    try await Product.run { stackjob in
      expect(
        try await stackjob.shell("cp -r \(Project.root)/examples/service-repository shop"),
        .done
      )
      _ = try stackjob.file("shop/_kustomize/overlays/dev/kustomization.yaml", "resources: [../../nowhere]\n")
      _ = try stackjob.file("shop/_kustomize/overlays/local/kustomization.yaml", "resources: [\n")
      let other = try await stackjob("overlays", "shop", "--environments", "prod", "--branch", "main")
      // Without its patch the label of `dev` is not known, and the list leaves it out.
      expect(other, .done)
      #expect(other.stderr.contains("warning") && other.stderr.contains("[overlay.build]"))
      let chosen = try await stackjob("overlays", "shop", "--branch", "main", "--output", "json")
      expect(chosen, .badData)
      let problems = try overlays(chosen)["dev"]?["problems"]?.array ?? []
      #expect(problems.contains { $0["severity"] == "error" && $0["code"] == "overlay.build" })
      #expect(chosen.stderr == "")
      let map = try await stackjob("overlays", "shop", "--branch", "main", "--configmap", "shop")
      expect(map, .badData)
      #expect(map.stdout == "", "half a ConfigMap was written")
    }
  }

  @Test func `without kustomize and kubectl it ends with 69`() async throws {
    try await Product.run { stackjob in
      let folder = "\(Project.root)/examples/service-repository"
      let none = try await stackjob("overlays", folder, environment: ["PATH": "/nonexistent"])
      expect(none, .unavailable)
      #expect(none.stderr.contains("kustomize.missing"))
      let old = try stackjob.file("bin/kustomize", "#!/bin/sh\necho v3.8.7\n")
      #expect(chmod(old, 0o755) == 0)
      let tooOld = try await stackjob("overlays", folder, environment: ["PATH": "\(stackjob.folder)/bin"])
      expect(tooOld, .unavailable)
      #expect(tooOld.stderr.contains("3.8.7"))
    }
  }

  @Test func `kustomize sees nothing of the environment but what it needs`() async throws {
    try await Product.run { stackjob in
      let tool = try stackjob.file(
        "bin/kustomize",
        """
        #!/bin/sh
        case $1 in
        version) echo v5.4.2 ;;
        *) /usr/bin/env > \(stackjob.folder)/seen; cat \(Project.root)/examples/ecs-web/service.yaml ;;
        esac

        """
      )
      #expect(chmod(tool, 0o755) == 0)
      let folder = "\(Project.root)/examples/service-repository"
      let result = try await stackjob(
        "overlays",
        folder,
        "--environments",
        "prod",
        environment: ["PATH": "\(stackjob.folder)/bin:/usr/bin:/bin", "AWS_SECRET_ACCESS_KEY": "a-secret"]
      )
      // The stub makes one stack of all overlays.
      expect(result, .done)
      let seen = try #require(LocalFiles.text("\(stackjob.folder)/seen"))
      #expect(seen.contains("PATH=") && !seen.contains("a-secret"))
    }
  }

  @Test func `a signal ends the builds and the command`() async throws {
    try await Product.run { stackjob in
      let started = "\(stackjob.folder)/started"
      let tool = try stackjob.file(
        "bin/kustomize",
        "#!/bin/sh\n[ \"$1\" = version ] && { echo v5.4.2; exit; }\necho $$ > \(started)\nexec sleep 1000\n"
      )
      #expect(chmod(tool, 0o755) == 0)
      let stop = StopSwitch()
      let watch = Task {
        while !Task.isCancelled, (LocalFiles.text(started) ?? "").isEmpty {
          try? await Task.sleep(for: .milliseconds(10))
        }
        stop.requestStop()
      }
      let result = try await stackjob(
        "overlays",
        "\(Project.root)/examples/service-repository",
        environment: ["PATH": "\(stackjob.folder)/bin:/usr/bin:/bin"],
        stop: stop
      )
      watch.cancel()
      #expect(result.exit == .code(130))
      #expect(result.stdout == "")
      let text = (LocalFiles.text(started) ?? "").filter(\.isNumber)
      let pid = try #require(Int32(text))
      #expect(kill(pid, 0) != 0, "the build is still running")
    }
  }

  @Test func `the ConfigMap holds every overlay but local, and no value of a reference`() async throws {
    try await Product.run { stackjob in
      let result = try await stackjob(
        "overlays",
        "\(Project.root)/examples/service-repository",
        "--configmap",
        "shop-manifests",
        "--namespace",
        "ci"
      )
      expect(result, .done)
      let map = try #require(YAMLReader.read(Array(result.stdout.utf8), file: "map").documents.first)
      #expect(map["kind"]?.string == "ConfigMap" && map["metadata"]?["namespace"]?.string == "ci")
      #expect(map["data"]?.mapping?.keys == ["dev", "eu-central-1", "prod", "staging"])
      #expect(result.stdout.contains("$secrets-group/database/password"))
      #expect(!result.stdout.contains("local-dev-password"))
    }
  }

  @Test(arguments: ["kubernetes", "ecs"])
  func `a new repository builds and is valid at once, and is not written over`(_ platform: String)
    async throws
  {
    try await Product.run { stackjob in
      let line = [
        "kustomize", "init", "--new", "--platform", platform, "--name", "shop", "--environment", "dev",
        "--environment", "prod",
      ]
      expect(try await stackjob.run(line), .done)
      let listed = try await stackjob("overlays", "--output", "json")
      expect(listed, .done)
      #expect(try overlays(listed).keys.sorted() == ["dev", "local", "prod"])
      let valid = try await stackjob.shell(
        "kubectl kustomize _kustomize/overlays/prod | \"$0\" validate - --image a/b:1"
      )
      expect(valid, .done)

      let own = try stackjob.file("_kustomize/base/service.yaml", "mine\n")
      let again = try await stackjob.run(line)
      expect(again, .badData)
      #expect(again.stderr.contains("base/service.yaml") && LocalFiles.text(own) == "mine\n")
      expect(try await stackjob.run(line + ["--force"]), .done)
      #expect(LocalFiles.text(own) != "mine\n")
    }
  }

  @Test func `without a terminal the flags that are missing are named`() async throws {
    try await Product.run { stackjob in
      let platform = try await stackjob("kustomize", "init", "--new")
      expect(platform, .usage)
      #expect(platform.stderr.contains("--platform"))
      let environment = try await stackjob("kustomize", "init", "--new", "--platform", "ecs")
      expect(environment, .usage)
      #expect(environment.stderr.contains("--environment"))
      #expect(!LocalFiles.exists("\(stackjob.folder)/_kustomize"))
      for arguments in [[], ["--new", "--from", "a.yaml"], ["--from", "a.yaml", "--name", "x"]] {
        expect(try await stackjob.run(["kustomize", "init"] + arguments), .usage)
      }
    }
  }

  @Test func `a repository can begin with a manifest`() async throws {
    try await Product.run { stackjob in
      let manifest = "\(Project.root)/examples/ecs-web/service.yaml"
      expect(try await stackjob("kustomize", "init", "--from", manifest), .done)
      let found = try overlays(try await stackjob("overlays", "--output", "json"))
      #expect(found["demo"]?["environment"] == "demo")
      let base = LocalFiles.text("\(stackjob.folder)/_kustomize/base/service.yaml") ?? ""
      #expect(base.contains("# A web service on Fargate") && !base.contains("env: demo"))
    }
  }

  @Test func `dot-env writes for its owner alone, and says when git would commit it`() async throws {
    try await Product.run { stackjob in
      let folder = "\(Project.root)/examples/service-repository"
      let first = try await stackjob.shell(
        "git init -q . && \"$0\" dot-env \(folder) --set EXTRA='a b' --set DATABASE_PASSWORD='from-the-flag'"
      )
      expect(first, .done)
      #expect(first.stderr.contains("dotenv.not-ignored") && first.stderr.contains(".gitignore"))
      #expect(!(first.stdout + first.stderr).contains("from-the-flag"))
      for name in [".env", ".env_export"] {
        var info = stat()
        #expect(stat("\(stackjob.folder)/\(name)", &info) == 0 && info.st_mode & 0o777 == 0o600)
      }
      let read = try await stackjob.shell(
        ". ./.env_export && printf '%s|%s|%s' \"$GREETING\" \"$EXTRA\" \"$DATABASE_PASSWORD\""
      )
      #expect(read.stdout == "Hello, it's $5 # cheap|a b|from-the-flag\n")

      let second = try await stackjob("dot-env", folder, "--ignore")
      expect(second, .done)
      #expect(!second.stderr.contains("dotenv.not-ignored"))
      #expect(LocalFiles.text("\(stackjob.folder)/.gitignore") == ".env\n.env_export\n")

      let own = try stackjob.file(".env", "MINE=1\n")
      expect(try await stackjob("dot-env", folder), .badData)
      #expect(LocalFiles.text(own) == "MINE=1\n")
      expect(try await stackjob("dot-env", folder, "--force"), .done)
    }
  }

  @Test func `references without a value stop dot-env, unless it is given one`() async throws {
    try await Product.run { stackjob in
      let folder = "\(Project.root)/examples/service-repository"
      let open = try await stackjob("dot-env", folder, "--env", "dev")
      expect(open, .badData)
      #expect(open.stderr.contains("DATABASE_HOST") && open.stderr.contains("DATABASE_PASSWORD"))
      #expect(!LocalFiles.exists("\(stackjob.folder)/.env"))
      expect(
        try await stackjob(
          "dot-env",
          folder,
          "--env",
          "dev",
          "--set",
          "DATABASE_HOST=h",
          "--set",
          "DATABASE_PASSWORD=p"
        ),
        .done
      )
      let groups = "\(folder)/references/groups.yaml"
      expect(try await stackjob("dot-env", folder, "--env", "dev", "--references", groups), .done)
      let text = LocalFiles.text("\(stackjob.folder)/.env") ?? ""
      #expect(text.contains("DATABASE_PASSWORD=example-password"))
      expect(try await stackjob("dot-env", folder, "--env", "dve"), .badData)
    }
  }

  @Test func `env-vars tells sources and covers secrets`() async throws {
    try await Product.run { stackjob in
      let folder = "\(Project.root)/examples/service-repository"
      let groups = "\(folder)/references/groups.yaml"
      let line = ["env-vars", folder, "--env", "dev", "--output", "json"]
      let result = try await stackjob.run(line + ["--references", groups])
      expect(result, .done)
      let rows = try #require(try JSONValue(parsing: result.stdout).array)
      let password = rows.first { $0["name"] == "DATABASE_PASSWORD" }
      #expect(password?["value"] == "(sensitive)" && password?["status"] == "resolved")
      #expect(password?["source"] == "$secrets-group/database/password")
      #expect(!result.stdout.contains("example-password"))
      let unresolved = try await stackjob.run(line)
      expect(unresolved, .badData)
      #expect(unresolved.stderr.contains("[dotenv.unresolved]"))
      let open = try #require(try JSONValue(parsing: unresolved.stdout).array)
      #expect(open.first { $0["name"] == "DATABASE_HOST" }?["status"] == "missing")
    }
  }

  @Test func `a broken file of groups is told where it stands`() async throws {
    try await Product.run { stackjob in
      let groups = "\(stackjob.folder)/groups.yaml"
      try LocalFiles.replace(groups, with: Array("a: [\n".utf8))
      let folder = "\(Project.root)/examples/service-repository"
      for verb in ["env-vars", "dot-env"] {
        let result = try await stackjob(verb, folder, "--env", "dev", "--references", groups)
        expect(result, .badData)
        #expect(result.stderr.contains(" --> \(groups):2:1"))
        #expect(!result.stderr.contains("[dotenv.unresolved]"))
      }
    }
  }

  @Test func `a repository begins with a manifest from standard input`() async throws {
    try await Product.run { stackjob in
      let manifest = "\(Project.root)/examples/service-repository/_kustomize/base/service.yaml"
      let started = try await stackjob.shell(
        "\"$0\" kustomize init --from - --environment dev --environment dev < \(manifest)"
      )
      expect(started, .done)
      #expect(
        LocalFiles.text("\(stackjob.folder)/_kustomize/base/service.yaml") == LocalFiles.text(manifest)
      )
      expect(try await stackjob("overlays"), .done)
    }
  }

  @Test func `the merge schema is one document, of the kinds asked for`() async throws {
    try await Product.run { stackjob in
      let all = try await stackjob("kustomize", "schema")
      expect(all, .done)
      let names = try JSONValue(parsing: all.stdout)["definitions"]?.object?.keys ?? []
      #expect(names == ["stackjob.AwsEcsService", "stackjob.MicroserviceKubernetes"])
      expect(try await stackjob("kustomize", "schema", "AwsEcsServic"), .usage)
      let example = "\(Project.root)/examples/service-repository/_kustomize/base/openapi.json"
      let one = try await stackjob("kustomize", "schema", "MicroserviceKubernetes")
      #expect(LocalFiles.text(example) == one.stdout, "the example's openapi.json is out of date")
    }
  }
}
