import LocalFiles
import PluginFakes
import ProviderHost
import StackModel
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Host", .timeLimit(.minutes(5)))
struct HostTests {
  private func start(
    _ executable: String,
    in folder: String,
    report: @escaping @Sendable (HostEvent) -> Void = { _ in }
  ) async throws -> ProviderHost {
    try await ProviderHost.start(
      providers: [HostedProvider(source: FakeProvider.source, executable: executable, identity: "h1:fake")],
      environment: ["PATH": "/usr/bin:/bin"],
      workingDirectory: folder,
      cache: try ProviderCache(folder: "\(folder)/cache"),
      folder: folder,
      report: report
    )
  }

  private func socket(_ host: ProviderHost) throws -> String {
    try #require(JSONValue(parsing: host.reattach)[FakeProvider.source]?["Addr"]?["String"]?.string)
  }

  @Test("Terraform is told where to attach, in a folder that only we may enter and that goes with the host")
  func reattach() async throws {
    try await Scratch.folder { folder in
      let fake = try await FakeProvider.start(in: folder) { _ in Deaf() }
      let host = try await start(fake.executable, in: folder)
      let json = try JSONValue(parsing: host.reattach)
      let entry = try #require(json[FakeProvider.source])
      #expect(json.object?.count == 1)
      #expect(entry["Protocol"] == "grpc" && entry["ProtocolVersion"] == 5 && entry["Test"] == true)
      #expect(entry["Pid"]?.int == Int(getpid()) && entry["Addr"]?["Network"] == "unix")
      let socket = try socket(host)
      var info = stat()
      #expect(stat(LocalFiles.parent(of: socket), &info) == 0 && info.st_mode & 0o777 == 0o700)
      await host.stop()
      #expect(!LocalFiles.exists(LocalFiles.parent(of: socket)))
      await fake.stop()
    }
  }

  @Test("Where the folder lies too deep for a socket, another is taken")
  func deepFolder() async throws {
    try await Scratch.folder { folder in
      let deep = "\(folder)/\(String(repeating: "deep", count: 30))"
      try LocalFiles.makeFolder(deep)
      let fake = try await FakeProvider.start(in: folder) { _ in Deaf() }
      let host = try await ProviderHost.start(
        providers: [HostedProvider(source: FakeProvider.source, executable: fake.executable, identity: "")],
        environment: ["PATH": "/usr/bin:/bin"],
        workingDirectory: folder,
        cache: try ProviderCache(folder: "\(folder)/cache"),
        folder: deep
      )
      #expect(try socket(host).utf8.count <= 107)
      await host.stop()
      await fake.stop()
    }
  }

  @Test("A provider that is no provider is an error before Terraform starts, and leaves nothing behind")
  func noProvider() async throws {
    try await Scratch.folder { folder in
      for (script, words) in [("exit 1", "did not say where it listens"), ("echo hello; sleep 9", "hello")] {
        let path = "\(folder)/provider"
        try LocalFiles.replace(path, with: Array("#!/bin/sh\n\(script)\n".utf8), mode: 0o755)
        await #expect {
          try await start(path, in: folder)
        } throws: { "\($0)".contains(words) }
      }
      await #expect(throws: HostFailure.self) { try await start("\(folder)/none", in: folder) }
      #expect(try LocalFiles.list(folder).sorted() == ["cache", "provider"])
    }
  }

  @Test(
    "Once the protocol is known, no process is started to ask; when none can be, Terraform hears it and so do we"
  )
  func cannotStartLater() async throws {
    try await Scratch.folder { folder in
      let fake = try await FakeProvider.start(in: folder) { _ in Deaf() }
      await (try start(fake.executable, in: folder)).stop()
      try LocalFiles.remove(fake.executable)
      let events = Mutex<[HostEvent]>([])
      let host = try await start(
        fake.executable,
        in: folder,
        report: { event in events.withLock { $0.append(event) } }
      )
      let terraform = try await FakeTerraform.connect(to: socket(host))
      for path in ["GetSchema", "Configure", "ReadResource"] {
        let reply = try await terraform.call("/tfplugin5.Provider/\(path)")
        #expect(reply.status == "14", "\(path)")
      }
      let troubles = events.withLock {
        $0.compactMap { if case .trouble(_, let failure) = $0 { failure } else { nil } }
      }
      // Of the schema, and of the instance, which then has had its chance.
      #expect(troubles.count == 2)
      for case .cannotStart(let executable, _) in troubles { #expect(executable == fake.executable) }
      #expect(host.statistics.changes == 0 && host.statistics.providers == 0)
      await host.stop()
      await fake.stop()
    }
  }

  @Test("A connection that is closed while its provider starts leaves no process behind")
  func closedWhileStarting() async throws {
    try await Scratch.folder { folder in
      let fake = try await FakeProvider.start(in: folder) { _ in
        Answering(message: [])
      }
      let events = Mutex<[HostEvent]>([])
      let host = try await start(
        fake.executable,
        in: folder,
        report: { event in events.withLock { $0.append(event) } }
      )
      let terraform = try await FakeTerraform.connect(to: socket(host))
      let call = try await terraform.open("/tfplugin5.Provider/Configure")
      try await call.send(Frames.prefixed([]), isLast: true)
      await terraform.close()
      await host.stop()
      for event in events.withLock({ $0 }) {
        if case .providerStarted(_, let pid) = event { #expect(!LocalFiles.exists("/proc/\(pid)")) }
      }
      #expect(host.statistics.changes == 0)
      await fake.stop()
    }
  }
}
