import LocalFiles
import NIOCore
import NIOPosix
import PluginWire
import StackModel

#if canImport(Glibc)
  import Glibc
#endif

/// Stands between Terraform and its providers: answers what does not depend on how a provider is
/// configured, and gives each instance that is configured a real process of its own.
///
/// Terraform is led here by ``reattach``. It then neither installs nor checks these providers, so do
/// that first; see ``ProviderVerification``.
package final class ProviderHost: Sendable {
  /// The value for `TF_REATTACH_PROVIDERS`.
  package let reattach: String

  private let endpoints: [ProviderEndpoint]
  private let listeners: [any Channel]
  private let launches: [ProviderLaunch]
  private let folder: SocketFolder
  private let pool: ProviderPool
  private let ownsPool: Bool
  private let recorder: HostRecorder

  /// Listens for Terraform. No provider is started but one whose protocol version is not known yet.
  ///
  /// - Parameters:
  ///   - environment: what the providers get, exactly; see ``ProviderLaunch``.
  ///   - workingDirectory: Terraform's own, which providers read files relative to.
  ///   - pool: where processes come from; nil to start them on demand. It outlives the host.
  ///   - spares: where a started process may be had. Nothing may be at work in `workingDirectory`, whose place a taken
  ///     process's own folder takes.
  ///   - keep: the types that Terraform may see, see ``TypesInUse``; nil for all of them.
  ///   - folder: where sockets go, in a folder of their own.
  ///   - report: called from several threads.
  package static func start(
    providers: [HostedProvider],
    environment: [String: String],
    workingDirectory: String,
    cache: ProviderCache,
    pool: ProviderPool? = nil,
    spares: SpareSource? = nil,
    keep: Set<String>? = nil,
    folder: String,
    report: @escaping @Sendable (HostEvent) -> Void = { _ in }
  ) async throws(HostFailure) -> ProviderHost {
    let sockets = try SocketFolder(in: folder)
    var owned: ProviderPool?
    var listeners: [any Channel] = []
    do throws(HostFailure) {
      if pool == nil { owned = try ProviderPool(limit: 0, folder: sockets.path) }
      guard let pool = pool ?? owned else { preconditionFailure("there is a pool, given or our own") }
      let recorder = HostRecorder(report: report)
      // One thread serves all: there is little to do but to hand on.
      let loop = MultiThreadedEventLoopGroup.singleton.next()
      var endpoints: [ProviderEndpoint] = []
      let launches = providers.map {
        ProviderLaunch(
          executable: $0.executable,
          identity: $0.identity,
          environment: environment,
          workingDirectory: workingDirectory
        )
      }
      // One alone, since the folder can be that of one alone: the largest, which takes longest to start.
      if let spares, let largest = launches.max(by: { $0.executableSize < $1.executableSize }),
        let process = spares.take(largest)
      {
        pool.add(process, for: largest)
      }
      for (number, (provider, launch)) in zip(providers, launches).enumerated() {
        let version = try await protocolVersion(of: provider, launch, cache: cache, pool: pool)
        let book = AnswerBook(
          provider: provider,
          launch: launch,
          version: version,
          keep: keep,
          cache: cache,
          pool: pool,
          loop: loop,
          recorder: recorder
        )
        let endpoint = ProviderEndpoint(
          provider: provider,
          launch: launch,
          version: version,
          socket: "\(sockets.path)/\(number)",
          pool: pool,
          book: book,
          loop: loop,
          recorder: recorder
        )
        listeners.append(try await endpoint.listen())
        endpoints.append(endpoint)
      }
      return ProviderHost(endpoints, listeners, launches, sockets, pool, ownsPool: owned != nil, recorder)
    } catch {
      for listener in listeners { try? await listener.close() }
      await owned?.close()
      sockets.remove()
      throw error
    }
  }

  private init(
    _ endpoints: [ProviderEndpoint],
    _ listeners: [any Channel],
    _ launches: [ProviderLaunch],
    _ folder: SocketFolder,
    _ pool: ProviderPool,
    ownsPool: Bool,
    _ recorder: HostRecorder
  ) {
    self.endpoints = endpoints
    self.listeners = listeners
    self.launches = launches
    self.folder = folder
    self.pool = pool
    self.ownsPool = ownsPool
    self.recorder = recorder
    reattach = Self.reattach(endpoints)
  }

  package var statistics: HostStatistics { recorder.statistics }

  /// Starts a process of each provider now, so that its start is over when Terraform wants to
  /// configure it. Worth it before a command that will.
  package func prestart() {
    for launch in launches { pool.prestart(launch) }
  }

  /// The answer to GetSchema of each provider that is in use, by its source address, cut to the types that Terraform may
  /// see.
  package func schemas() async -> [String: [UInt8]] {
    var schemas: [String: [UInt8]] = [:]
    for endpoint in endpoints { schemas[endpoint.provider.source] = await endpoint.book.knownSchema() }
    return schemas
  }

  /// Takes no more connections, closes those that are open, and ends all processes. Call it once
  /// Terraform is gone.
  package func stop() async {
    for listener in listeners { try? await listener.close() }
    for endpoint in endpoints { await endpoint.end() }
    if ownsPool { await pool.close() }
    folder.remove()
  }

  /// Which version of the protocol a provider speaks with us. It says so when it is started, and the
  /// process that was started for it is kept for whoever needs one next.
  private static func protocolVersion(
    of provider: HostedProvider,
    _ launch: ProviderLaunch,
    cache: ProviderCache,
    pool: ProviderPool
  ) async throws(HostFailure) -> PluginProtocol {
    let question = CacheQuestion([
      Array(provider.source.utf8), Array(provider.identity.utf8), launch.relevantEnvironment(),
    ])
    if let known = cache.read("protocol", question: question)?.first,
      let version = PluginProtocol(rawValue: Int(known))
    {
      return version
    }
    let version = try await pool.peek(launch).handshake.version
    // Without the file the next run asks again.
    try? cache.write("protocol", question: question, [UInt8(version.rawValue)])
    return version
  }

  private static func reattach(_ endpoints: [ProviderEndpoint]) -> String {
    let entries = endpoints.map { endpoint -> (String, JSONValue) in
      (
        endpoint.provider.source,
        [
          "Protocol": "grpc",
          "ProtocolVersion": .int(endpoint.version.rawValue),
          "Pid": .int(Int(getpid())),
          // Otherwise Terraform kills us when it is done with the provider, and waits for our end.
          "Test": true,
          "Addr": ["Network": "unix", "String": .string(endpoint.socket)],
        ]
      )
    }
    return JSONValue.object(JSONObject(entries)).text()
  }
}
