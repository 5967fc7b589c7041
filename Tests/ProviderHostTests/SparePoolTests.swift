import LocalFiles
import Testing

@testable import ProviderHost

@Suite("Spare providers", .timeLimit(.minutes(5)))
struct SparePoolTests {
  private func launch(
    _ folder: String,
    workspace: String,
    script: String = "exec sleep 1000",
    environment: [String: String] = [:]
  ) throws -> ProviderLaunch {
    let path = "\(folder)/provider"
    let text = "#!/bin/sh\necho '1|5|unix|/tmp/nowhere|grpc|'\n\(script)\n"
    if LocalFiles.text(path) != text { try LocalFiles.replace(path, with: Array(text.utf8), mode: 0o755) }
    let place = "\(folder)/\(workspace)"
    try LocalFiles.makeFolder(place)
    return ProviderLaunch(
      executable: path,
      identity: "h1:test",
      environment: ["PATH": "/usr/bin:/bin"].merging(environment) { $1 },
      workingDirectory: place
    )
  }

  private func end(_ process: ProviderProcess) async {
    process.kill()
    _ = await process.ended()
  }

  private func isGone(_ pid: Int) -> Bool {
    let state = LocalFiles.text("/proc/\(pid)/stat")?.split(separator: ") ").last?.prefix(1)
    return state == nil || state == "Z" || state == "X"
  }

  @Test("What one job asked for the next one finds, and no two get the same")
  func single() async throws {
    try await Scratch.folder { folder in
      let spares = try LocalSpares(in: folder, limit: 2)
      let (a, b) = (try launch(folder, workspace: "a"), try launch(folder, workspace: "b"))
      // Both jobs are over when it returns.
      func miss() {
        let (first, second) = (spares.source(), spares.source())
        #expect(first.take(a) == nil && second.take(b) == nil)
        withExtendedLifetime((first, second)) { #expect(spares.pool.numbers.started == 0) }
      }
      miss()
      try await LocalSpares.until { spares.pool.numbers.ready == 2 }
      let one = try #require(spares.source().take(try launch(folder, workspace: "c")))
      let two = try #require(spares.source().take(try launch(folder, workspace: "d")))
      #expect(one.pid != two.pid && !one.hasEnded && !two.hasEnded)
      #expect(spares.pool.numbers.taken == 2)
      #expect(spares.pool.numbers.started == 2)
      await end(one)
      try await LocalSpares.until { spares.pool.numbers.ready == 1 }
      await spares.pool.close()
      // What was taken is the job's.
      #expect(!two.hasEnded && !isGone(two.pid))
      await end(two)
      #expect(isGone(one.pid) && isGone(two.pid))
      try await spares.awaitNoFolder()
    }
  }

  @Test("A spare finds itself in the job's own folder, with all that is in it")
  func folder() async throws {
    try await Scratch.folder { folder in
      let spares = try LocalSpares(in: folder)
      let script =
        "while ! [ -e go ]; do sleep 0.01; done; /bin/pwd > where; cat file part/file > read; exec sleep 1000"
      _ = spares.source().take(try launch(folder, workspace: "a", script: script))
      try await spares.awaitSpare()
      let launch = try launch(folder, workspace: "b", script: script)
      let workspace = launch.workingDirectory
      try LocalFiles.makeFolder("\(workspace)/part")
      try LocalFiles.create("\(workspace)/file", with: Array("one\n".utf8))
      try LocalFiles.create("\(workspace)/part/file", with: Array("two\n".utf8))
      let process = try #require(spares.source().take(launch))
      #expect(try LocalFiles.list(workspace) == ["file", "part"])
      try LocalFiles.create("\(workspace)/go", with: [])
      try await LocalSpares.until { LocalFiles.text("\(workspace)/read") == "one\ntwo\n" }
      #expect(LocalFiles.text("\(workspace)/where") == "\(LocalFiles.absolute(workspace))\n")
      await end(process)
      await spares.pool.close()
    }
  }

  @Test("Where the folders cannot change places, all is as it was, and there is no spare")
  func noPlace() async throws {
    try await Scratch.folder { folder in
      let spares = try LocalSpares(in: folder)
      _ = spares.source().take(try launch(folder, workspace: "a"))
      try await spares.awaitSpare()
      // Another file system.
      var launch = try launch(folder, workspace: "b")
      launch.workingDirectory = "/dev/shm/stackjob-\(UInt32.random(in: 0 ... .max))"
      defer { try? LocalFiles.removeTree(launch.workingDirectory) }
      try LocalFiles.makeFolder(launch.workingDirectory)
      try LocalFiles.create("\(launch.workingDirectory)/file", with: [])
      #expect(spares.source().take(launch) == nil)
      #expect(try LocalFiles.list(launch.workingDirectory) == ["file"])
      await spares.pool.close()
      try await spares.awaitNoFolder()
    }
  }

  @Test("Another environment, another package and a file that was written to find nothing")
  func noMatch() async throws {
    try await Scratch.folder { folder in
      let spares = try LocalSpares(in: folder)
      let known = ["AWS_REGION": "eu-north-1", "TF_VAR_secret": "of the first job"]
      _ = spares.source().take(try launch(folder, workspace: "a", environment: known))
      try await spares.awaitSpare()
      #expect(
        spares.source().take(try launch(folder, workspace: "b", environment: ["AWS_REGION": "us-east-1"]))
          == nil
      )
      try await LocalSpares.until { spares.pool.numbers.discarded == 1 && spares.pool.numbers.ready == 1 }
      var other = try launch(folder, workspace: "c", environment: ["AWS_REGION": "us-east-1"])
      other.identity = "h1:other"
      #expect(spares.source().take(other) == nil)
      try await LocalSpares.until { spares.pool.numbers.discarded == 2 && spares.pool.numbers.ready == 1 }
      #expect(spares.pool.numbers.taken == 0)
      try LocalFiles.replace(other.executable, with: Array("#!/bin/sh\n".utf8), mode: 0o755)
      #expect(spares.source().take(other) == nil)
      await spares.pool.close()
      try await spares.awaitNoFolder()
    }
  }

  @Test("Secrets of one job are in no spare, and nothing is on a command line or on disk")
  func secrets() async throws {
    try await Scratch.folder { folder in
      let spares = try LocalSpares(in: folder)
      func secret(_ job: String) -> [String: String] {
        [
          "TF_VAR_password": "hunter-\(job)", "TF_HTTP_PASSWORD": "token-\(job)",
          "AWS_SECRET_ACCESS_KEY": "key",
        ]
      }
      _ = spares.source().take(try launch(folder, workspace: "a", environment: secret("a")))
      try await spares.awaitSpare()
      let process = try #require(
        spares.source().take(try launch(folder, workspace: "b", environment: secret("b")))
      )
      let environment = String(decoding: try LocalFiles.read("/proc/\(process.pid)/environ"), as: UTF8.self)
      #expect(environment.contains("AWS_SECRET_ACCESS_KEY=key"))
      #expect(!environment.contains("hunter") && !environment.contains("token"))
      for name in try LocalFiles.list(spares.home) {
        for file in try LocalFiles.list("\(spares.home)/\(name)") {
          #expect(LocalFiles.isFolder("\(spares.home)/\(name)/\(file)"))
        }
      }
      await end(process)
      await spares.pool.close()
    }
  }

  @Test("Those that waited longest make room, and all go when there is no memory for them")
  func limit() async throws {
    try await Scratch.folder { folder in
      let spares = try LocalSpares(in: folder, limit: 2)
      for (number, name) in ["a", "b", "c"].enumerated() {
        #expect(spares.source().take(try launch(folder, workspace: name, environment: ["NAME": name])) == nil)
        try await LocalSpares.until {
          spares.pool.numbers.started == number + 1 && spares.pool.numbers.ready == min(number + 1, 2)
        }
      }
      #expect(spares.pool.numbers.ready == 2 && spares.pool.numbers.discarded == 1)
      #expect(spares.source().take(try launch(folder, workspace: "a", environment: ["NAME": "a"])) == nil)
      try await LocalSpares.until { spares.pool.numbers.started == 4 }
      spares.pool.allow(mebibytes: ProviderPool.processMemory >> 20)
      #expect(spares.pool.numbers.discarded == 3)
      spares.pool.allow(mebibytes: 0)
      try await spares.awaitNoFolder()
      #expect(spares.source().take(try launch(folder, workspace: "c", environment: ["NAME": "c"])) == nil)
      #expect(spares.pool.numbers.started == 4 && spares.pool.numbers.discarded == 4)
      await spares.pool.close()
    }
  }

  @Test("One that nobody takes ends")
  func idle() async throws {
    try await Scratch.folder { folder in
      let spares = try LocalSpares(in: folder, idleSeconds: 0)
      _ = spares.source().take(try launch(folder, workspace: "a"))
      try await LocalSpares.until { spares.pool.numbers.discarded == 1 }
      #expect(spares.pool.numbers.ready == 0)
      try await spares.awaitNoFolder()
      await spares.pool.close()
    }
  }

  @Test("How a taken provider ends and what it says last is told")
  func crash() async throws {
    try await Scratch.folder { folder in
      let spares = try LocalSpares(in: folder)
      let script = "while ! [ -e go ]; do sleep 0.01; done; echo 'panic: at the end' >&2; exit 2"
      _ = spares.source().take(try launch(folder, workspace: "a", script: script))
      try await spares.awaitSpare()
      let launch = try launch(folder, workspace: "b", script: script)
      let process = try #require(spares.source().take(launch))
      try LocalFiles.create("\(launch.workingDirectory)/go", with: [])
      #expect(await process.ended() == .code(2))
      #expect(process.lastWords == "panic: at the end\n")
      await spares.pool.close()
    }
  }

  @Test("A provider that does not start, or died while it waited, is no spare")
  func dead() async throws {
    try await Scratch.folder { folder in
      let spares = try LocalSpares(in: folder)
      _ = spares.source().take(try launch(folder, workspace: "a", script: "exit 3"))
      try await LocalSpares.until { spares.pool.numbers.discarded == 1 }
      var missing = try launch(folder, workspace: "b")
      missing.executable += "-none"
      #expect(spares.source().take(missing) == nil)
      try await LocalSpares.until { spares.pool.numbers.discarded == 2 }
      #expect(spares.source().take(missing) == nil && spares.pool.numbers.taken == 0)
      await spares.pool.close()
    }
  }

  @Test("Without its pool a job goes without")
  func closed() async throws {
    try await Scratch.folder { folder in
      let spares = try LocalSpares(in: folder)
      let launch = try launch(folder, workspace: "a")
      _ = spares.source().take(launch)
      await spares.pool.close()
      #expect(spares.source().take(launch) == nil && spares.source().take(launch) == nil)
      try await spares.awaitNoFolder()
    }
  }

  @Test("What killed guards left is removed by the next pool, and what lives is not")
  func sweep() async throws {
    try await Scratch.folder { folder in
      let home = "\(folder)/pool"
      try LocalFiles.makeFolder("\(home)/dead/work")
      let live = try SpareFolder(in: home)
      let spares = try LocalSpares(in: folder)
      #expect(try LocalFiles.list(home) == [LocalFiles.name(of: live.path)])
      await spares.pool.close()
      live.remove()
    }
  }
}
