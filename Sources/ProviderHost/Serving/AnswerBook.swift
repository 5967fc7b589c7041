import LocalFiles
import NIOCore
import PluginWire

/// Answers the calls whose answer does not depend on how a provider is configured: from memory, from
/// the cache folder, or by a process that is asked nothing else and is never configured.
actor AnswerBook {
  private let provider: HostedProvider
  private let launch: ProviderLaunch
  private let version: PluginProtocol
  private let keep: Set<String>?
  private let store: SchemaStore
  private let cache: ProviderCache
  private let pool: ProviderPool
  private let loop: any EventLoop
  private let recorder: HostRecorder
  /// What several sessions ask for at once is asked for once.
  private var schemaAnswer: Task<GRPCReply, any Error>?
  private var identityAnswer: Task<GRPCReply, any Error>?
  private var connection: Task<ProviderConnection, any Error>?
  private var isOver = false
  /// Calls that are in the air on the process that was asked.
  private var asking = 0

  init(
    provider: HostedProvider,
    launch: ProviderLaunch,
    version: PluginProtocol,
    keep: Set<String>?,
    cache: ProviderCache,
    pool: ProviderPool,
    loop: any EventLoop,
    recorder: HostRecorder
  ) {
    self.provider = provider
    self.launch = launch
    self.version = version
    self.keep = keep
    self.cache = cache
    self.pool = pool
    self.loop = loop
    self.recorder = recorder
    store = SchemaStore(cache: cache, provider: provider, version: version)
  }

  /// - Parameters:
  ///   - path: of the request, which names the method.
  ///   - body: the request's message.
  func reply(to call: ProviderCall, path: String, body: [UInt8]) async -> GRPCReply {
    do {
      return switch call {
      case .schema: try await schema()
      case .identitySchemas: try await identitySchemas(path, body)
      default: try await validation(path, body)
      }
    } catch {
      let failure =
        error as? HostFailure
        ?? .noAnswer(source: provider.source, method: path, reason: "\(error)")
      recorder.tell(.trouble(source: provider.source, failure))
      return .unavailable("\(failure)")
    }
  }

  /// True when the provider works without having been asked for its schema.
  func isSchemaOptional() async throws -> Bool { try SchemaMessage(try await schema().body).isOptional() }

  /// The answer to GetSchema as it was given, if it was; asks nobody.
  func knownSchema() async -> [UInt8]? {
    if let task = schemaAnswer, case .success(let reply) = await task.result,
      reply.status == GRPCReply.Status.ok
    {
      return reply.body
    }
    return store.schema(keeping: keep)?.bytes
  }

  /// The process that was asked, for a session that is about to configure it; nil when there is none or it has
  /// not answered yet. It was asked for schemas and checks alone, as Terraform asks each instance before it configures
  /// it, and is asked no more by us.
  func handOver() async -> ProviderConnection? {
    guard asking == 0, !isOver, let task = connection else { return nil }
    connection = nil
    guard case .success(let open) = await task.result, !open.process.hasEnded else { return nil }
    return open
  }

  /// Ends the process that was asked, if there is one, and asks no other.
  func end() async {
    isOver = true
    guard let connection else { return }
    self.connection = nil
    guard case .success(let open) = await connection.result else { return }
    recorder.tell(.providerEnded(source: provider.source, pid: open.process.pid, end: await open.end()))
  }

  // MARK: The answers

  private func schema() async throws -> GRPCReply {
    if let schemaAnswer {
      let reply = try await schemaAnswer.value
      recorder.count { $0.cacheHits += 1 }
      return reply
    }
    let task = Task {
      if let known = store.schema(keeping: keep) {
        recorder.count { $0.cacheHits += 1 }
        return GRPCReply.ok(known.bytes)
      }
      let reply = try await ask(ProviderCall.schemaPath(version), [])
      guard reply.status == GRPCReply.Status.ok else { return reply }
      return .ok(try store.store(SchemaMessage(reply.body), keeping: keep).bytes)
    }
    schemaAnswer = task
    do {
      let reply = try await task.value
      if reply.status != GRPCReply.Status.ok { schemaAnswer = nil }
      return reply
    } catch {
      // The next session may have more luck with another process.
      schemaAnswer = nil
      throw error
    }
  }

  private func identitySchemas(_ path: String, _ body: [UInt8]) async throws -> GRPCReply {
    let question = question(path, body)
    if let known = cache.read("identities", question: question) {
      recorder.count { $0.cacheHits += 1 }
      // Most providers do not have this call yet, and to say so is an answer as well.
      return known.first == 0
        ? .ok(Array(known.dropFirst()))
        : GRPCReply(
          status: GRPCReply.Status.unimplemented,
          message: String(decoding: known.dropFirst(), as: UTF8.self)
        )
    }
    let reply = try await ask(path, body)
    if reply.status == GRPCReply.Status.unimplemented {
      try? cache.write("identities", question: question, [1] + Array(reply.message.utf8))
    } else if reply.status == GRPCReply.Status.ok, try !hasDiagnostics(reply.body, field: 2) {
      try? cache.write("identities", question: question, [0] + reply.body)
    }
    return reply
  }

  private func validation(_ path: String, _ body: [UInt8]) async throws -> GRPCReply {
    let question = question(path, body)
    if let known = cache.read("valid", question: question) {
      recorder.count { $0.cacheHits += 1 }
      return .ok(known)
    }
    let reply = try await ask(path, body)
    // The answer to PrepareProviderConfig begins with the settings; the others hold nothing else.
    let field = path.hasSuffix("/PrepareProviderConfig") ? 2 : 1
    if reply.status == GRPCReply.Status.ok, try !hasDiagnostics(reply.body, field: field) {
      try? cache.write("valid", question: question, reply.body)
    }
    return reply
  }

  private func question(_ path: String, _ body: [UInt8]) -> CacheQuestion {
    CacheQuestion([
      Array(provider.source.utf8), Array(provider.identity.utf8), launch.relevantEnvironment(),
      Array(path.utf8), body,
    ])
  }

  private func hasDiagnostics(_ message: [UInt8], field number: Int) throws -> Bool {
    var found = false
    try ProtobufReader.forEach(in: message[...]) { field in
      if field.number == number { found = true }
    }
    return found
  }

  // MARK: Asking

  private func ask(_ path: String, _ body: [UInt8]) async throws -> GRPCReply {
    guard !isOver else {
      throw HostFailure.noAnswer(source: provider.source, method: path, reason: "the host is stopping")
    }
    recorder.count { $0.cacheMisses += 1 }
    let known = connection == nil ? store.schema(keeping: keep) : nil
    let task =
      connection
      ?? Task { [pool, launch, loop, recorder, provider, version] in
        let process = try await pool.take(launch)
        recorder.count { $0.providers += 1 }
        recorder.tell(.providerStarted(source: provider.source, pid: process.pid))
        let opened = try await ProviderConnection.open(to: process, on: loop)
        // What is cached tells whether such a provider sets itself up only when it is asked for its schema.
        if let known, try !known.isOptional(), path != ProviderCall.schemaPath(version) {
          do {
            _ = try await opened.call(ProviderCall.schemaPath(version))
          } catch {
            _ = await opened.end()
            throw error
          }
        }
        return opened
      }
    connection = task
    asking += 1
    defer { asking -= 1 }
    do {
      return try await task.value.call(path, body)
    } catch {
      if connection == task { connection = nil }
      guard !(error is HostFailure) else { throw error }
      if case .success(let lost) = await task.result { await tellCrash(of: lost) }
      throw HostFailure.noAnswer(source: provider.source, method: path, reason: "\(error)")
    }
  }

  private func tellCrash(of lost: ProviderConnection) async {
    let end = await lost.end()
    recorder.tell(
      .providerCrashed(
        source: provider.source,
        pid: lost.process.pid,
        end: end,
        lastWords: lost.process.lastWords
      )
    )
  }
}
