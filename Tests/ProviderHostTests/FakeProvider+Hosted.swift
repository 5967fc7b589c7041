import LocalFiles
import PluginFakes
import ProviderHost
import StackModel
import Testing

extension FakeProvider {
  /// A host for this provider, and a connection to it as Terraform has it.
  static func hosted(
    in folder: String,
    keep: Set<String>? = nil,
    behaviour: @escaping Behaviour,
    body: (FakeTerraform, ProviderHost) async throws -> Void
  ) async throws {
    let fake = try await start(in: folder, behaviour: behaviour)
    let host = try await ProviderHost.start(
      providers: [HostedProvider(source: source, executable: fake.executable, identity: "h1:fake")],
      environment: ["PATH": "/usr/bin:/bin"],
      workingDirectory: folder,
      cache: try ProviderCache(folder: "\(folder)/cache"),
      keep: keep,
      folder: folder
    )
    let reattach = try JSONValue(parsing: host.reattach)
    let socket = try #require(reattach[source]?["Addr"]?["String"]?.string)
    do {
      try await body(try await FakeTerraform.connect(to: socket), host)
    } catch {
      await host.stop()
      await fake.stop()
      throw error
    }
    await host.stop()
    await fake.stop()
  }
}
