import CSpawn
import LocalFiles
import PluginWire
import Synchronization
import Testing

@testable import ProviderHost

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Provider processes", .timeLimit(.minutes(5)))
struct ProviderProcessTests {
  @Test(
    "A handshake is read",
    arguments: [
      ("1|5|unix|/tmp/plugin1|grpc|", 5), ("1|6|unix|/tmp/plugin1|grpc", 6),
      ("1|6|unix|/tmp/plugin1|grpc||false", 6),
    ]
  )
  func handshake(line: String, version: Int) {
    let handshake = HandshakeLine(line)
    #expect(handshake?.version.rawValue == version && handshake?.socket == "/tmp/plugin1")
  }

  @Test(
    "What cannot be connected to in the clear is no handshake",
    arguments: [
      "", "hello", "2|5|unix|/tmp/p|grpc|", "1|4|unix|/tmp/p|grpc|", "1|7|unix|/tmp/p|grpc|",
      "1|5|tcp|127.0.0.1:1|grpc|", "1|5|unix|/tmp/p|netrpc|", "1|5|unix|/tmp/p|grpc|MIIB", "1|5|unix|p|grpc|",
    ]
  )
  func noHandshake(line: String) {
    #expect(HandshakeLine(line) == nil)
  }

  private func launch(_ folder: String, script: String, environment: [String: String] = [:]) throws
    -> ProviderLaunch
  {
    let path = "\(folder)/provider"
    try LocalFiles.replace(path, with: Array("#!/bin/sh\n\(script)\n".utf8), mode: 0o755)
    return ProviderLaunch(
      executable: path,
      identity: "h1:test",
      environment: ["PATH": "/usr/bin:/bin"].merging(environment) { $1 },
      workingDirectory: folder
    )
  }

  @Test("A provider gets its environment and what the handshake adds, its folder, and nothing to read")
  func surroundings() async throws {
    try await Scratch.folder { folder in
      setenv("STACKJOB_TEST_OUTER", "never seen", 1)
      let launch = try launch(
        folder,
        script: """
          env | sort > environment
          cat > input
          ls -l /proc/self/fd > descriptors
          grep -E 'Sig(Blk|Ign)' /proc/self/status > signals
          echo '1|5|unix|/tmp/nowhere|grpc|'
          exec sleep 1000
          """,
        environment: ["AWS_REGION": "eu-north-1", "PLUGIN_CLIENT_CERT": "of somebody else"]
      )
      let process = try await ProviderProcess.start(launch, socketFolder: "/run/sockets")
      let environment = try #require(LocalFiles.text("\(folder)/environment")).split(separator: "\n")
        .filter {
          !$0.hasPrefix("PWD=") && !$0.hasPrefix("_=") && !$0.hasPrefix("SHLVL=") && !$0.hasPrefix("OLDPWD=")
        }
      #expect(
        environment.map(String.init) == [
          "AWS_REGION=eu-north-1", "PATH=/usr/bin:/bin", "PLUGIN_MAX_PORT=25000", "PLUGIN_MIN_PORT=10000",
          "PLUGIN_PROTOCOL_VERSIONS=5,6", "PLUGIN_UNIX_SOCKET_DIR=/run/sockets", "TF_LOG_PROVIDER=off",
          "TF_LOG_SDK=off", "\(Handshake.cookieName)=\(Handshake.cookie)",
        ]
      )
      #expect(LocalFiles.text("\(folder)/input") == "")
      // Standard streams, and the folder that ls itself has open.
      let descriptors = try #require(LocalFiles.text("\(folder)/descriptors")).split(separator: "\n")
        .dropFirst()
      #expect(descriptors.count == 4)
      let signals = try #require(LocalFiles.text("\(folder)/signals")).split(separator: "\n")
      for line in signals {
        let mask = try #require(line.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) })
        // From 32 on they belong to the C library, which lets nobody set them.
        #expect(mask & 0x7FFF_FFFF == 0, "\(line)")
      }
      #expect(
        getsid(pid_t(process.pid)) == pid_t(process.pid) && getpgid(pid_t(process.pid)) == pid_t(process.pid)
      )
      process.kill()
      #expect(await process.ended() == .signal(9))
    }
  }

  @Test("What a provider started ends with it")
  func grandchildren() async throws {
    try await Scratch.folder { folder in
      let launch = try launch(
        folder,
        script:
          "sleep 1000 & echo $! > child\necho '1|5|unix|/tmp/nowhere|grpc|'\nread x < /dev/zero\nsleep 1000"
      )
      let process = try await ProviderProcess.start(launch, socketFolder: folder)
      let child = try #require(LocalFiles.text("\(folder)/child").flatMap { Int($0.dropLast()) })
      process.kill()
      _ = await process.ended()
      // It is a child of init by now, which may take its time to reap it.
      let state = LocalFiles.text("/proc/\(child)/stat")?.split(separator: ") ").last?.prefix(1)
      #expect(state == nil || state == "Z" || state == "X")
    }
  }

  @Test("What a provider says last is kept, and so is how it ended")
  func lastWords() async throws {
    try await Scratch.folder { folder in
      let logged = Mutex(0)
      let launch = try launch(
        folder,
        script: """
          echo '1|5|unix|/tmp/nowhere|grpc|'
          head -c 300000 /dev/zero | tr '\\0' x >&2
          echo 'more on standard output'
          echo 'panic: at the end' >&2
          exit 2
          """
      )
      let process = try await ProviderProcess.start(
        launch,
        socketFolder: folder,
        log: { bytes in logged.withLock { $0 += bytes.count } }
      )
      #expect(await process.ended() == .code(2))
      #expect(process.lastWords.hasSuffix("xpanic: at the end\n"))
      #expect(process.lastWords.utf8.count == 1 << 16)
      #expect(logged.withLock { $0 } == 300_000 + "panic: at the end\n".utf8.count)
    }
  }

  @Test(
    "A provider that does not start says why",
    arguments: [
      ("echo 'no provider here' >&2; exit 3", "no provider here\n"), ("echo hello; exec sleep 1000", "hello"),
      ("echo '1|5|unix|/tmp/p|grpc|MIIB'; exec sleep 1000", "1|5|unix|/tmp/p|grpc|MIIB"),
      ("head -c 40000 /dev/zero | tr '\\0' x; exec sleep 1000", "a line without end"),
    ]
  )
  func noStart(script: String, words: String) async throws {
    try await Scratch.folder { folder in
      let launch = try launch(folder, script: script)
      await #expect {
        try await ProviderProcess.start(launch, socketFolder: folder)
      } throws: { error in
        guard case .noHandshake(launch.executable, let said) = error as? HostFailure else { return false }
        return said == words
      }
    }
  }

  @Test("A provider that stays silent is given up")
  func silence() async throws {
    try await Scratch.folder { folder in
      let launch = try launch(folder, script: "exec sleep 1000")
      await #expect(throws: HostFailure.self) {
        try await ProviderProcess.start(launch, socketFolder: folder, patience: .milliseconds(100))
      }
    }
  }

  @Test("A program that is not there cannot be started")
  func noProgram() async throws {
    try await Scratch.folder { folder in
      var launch = try launch(folder, script: "")
      launch.executable = "\(folder)/none"
      await #expect {
        try await ProviderProcess.start(launch, socketFolder: folder)
      } throws: { error in
        guard case .cannotStart(_, let reason) = error as? HostFailure else { return false }
        return reason == "No such file or directory"
      }
    }
  }

  @Test("The kernel kills a provider whose host is gone", .timeLimit(.minutes(1)))
  func parentDeath() throws {
    // The thread stands for the host: the kernel watches the one that started the child.
    let child = Mutex(stackjob_child())
    let body: @Sendable () -> Void = {
      var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("/bin/sleep"), strdup("1000"), nil]
      var environment: [UnsafeMutablePointer<CChar>?] = [nil]
      child.withLock { _ = stackjob_spawn("/bin/sleep", &arguments, &environment, "/", &$0) }
    }
    try #require(startThread(body))
    while child.withLock({ $0.pid }) == 0 { sched_yield() }
    var status: Int32 = 0
    let parts = child.withLock { $0 }
    #expect(waitpid(parts.pid, &status, 0) == parts.pid)
    #expect(status & 0x7F == SIGKILL)
    for descriptor in [parts.output, parts.error, parts.ended] { close(descriptor) }
  }

  @Test("The environment that answers depend on leaves out what is Terraform's alone")
  func relevantEnvironment() {
    func relevant(_ variables: [String: String]) -> [UInt8] {
      ProviderLaunch(executable: "/p", identity: "", environment: variables, workingDirectory: "/")
        .relevantEnvironment()
    }
    let one = relevant(["AWS_REGION": "a", "HOME": "/h"])
    #expect(
      one
        == relevant([
          "HOME": "/h", "AWS_REGION": "a", "TF_HTTP_PASSWORD": "x", "TF_VAR_a": "1", "TF_DATA_DIR": "/d",
        ])
    )
    #expect(one != relevant(["HOME": "/h", "AWS_REGION": "b"]))
    #expect(one != relevant(["HOME": "/h", "AWS_REGION": "a", "TF_APPEND_USER_AGENT": "x"]))
  }
}
