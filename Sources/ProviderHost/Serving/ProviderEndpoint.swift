import NIOCore
import NIOHTTP2
import NIOPosix
import PluginWire
import Synchronization

/// The socket at which Terraform finds one provider.
final class ProviderEndpoint: Sendable {
  let provider: HostedProvider
  let version: PluginProtocol
  let socket: String
  let recorder: HostRecorder
  private let launch: ProviderLaunch
  private let pool: ProviderPool
  let book: AnswerBook
  private let loop: any EventLoop
  private let work = PendingWork()
  /// Processes that no session has yet.
  private let starting = Mutex<(processes: [ProviderProcess], isOver: Bool)>(([], false))

  init(
    provider: HostedProvider,
    launch: ProviderLaunch,
    version: PluginProtocol,
    socket: String,
    pool: ProviderPool,
    book: AnswerBook,
    loop: any EventLoop,
    recorder: HostRecorder
  ) {
    self.provider = provider
    self.launch = launch
    self.version = version
    self.socket = socket
    self.pool = pool
    self.book = book
    self.loop = loop
    self.recorder = recorder
  }

  /// Listens, and serves until the channel is closed.
  func listen() async throws(HostFailure) -> any Channel {
    do {
      return try await ServerBootstrap(group: loop)
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            let session = Session(endpoint: self)
            let bound = NIOLoopBound(session, eventLoop: channel.eventLoop)
            self.work.opened(channel)
            channel.closeFuture.assumeIsolated().whenComplete { _ in
              session.close()
              self.work.closed(channel)
            }
            let configuration = HTTP2Setup.configuration
            _ = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
              mode: .server,
              connectionConfiguration: configuration.connection,
              streamConfiguration: configuration.stream
            ) { stream in
              stream.eventLoop.makeCompletedFuture {
                try stream.syncOptions?.setOption(.autoRead, value: false)
                try stream.pipeline.syncOperations.addHandler(CallHandler(session: bound.value))
              }
            }
          }
        }
        .bind(unixDomainSocketPath: socket).get()
    } catch {
      throw .cannotListen(path: socket, reason: "\(error)")
    }
  }

  /// Closes what Terraform left open and waits until no process is left.
  func end() async {
    // A process that is being set up belongs to no session yet, and may never answer.
    let starting = self.starting.withLock { state in
      state.isOver = true
      return state.processes
    }
    for process in starting { process.kill() }
    await book.end()
    await work.closeAll()
  }

  // MARK: For sessions

  func reply(to call: ProviderCall, path: String, body: [UInt8]) -> EventLoopFuture<GRPCReply> {
    loop.makeFutureWithTask { [book] in await book.reply(to: call, path: path, body: body) }
  }

  /// A process of its own for one session.
  func startProvider() -> EventLoopFuture<ProviderConnection> {
    let promise = loop.makePromise(of: ProviderConnection.self)
    work.add {
      do {
        if let connection = await self.book.handOver() {
          promise.succeed(connection)
          try? await self.loop.submit {}.get()
          return
        }
        let process = try await self.pool.take(self.launch)
        self.recorder.count { $0.providers += 1 }
        self.recorder.tell(.providerStarted(source: self.provider.source, pid: process.pid))
        let isLate = self.starting.withLock { state in
          state.processes.append(process)
          return state.isOver
        }
        defer { self.starting.withLock { $0.processes.removeAll { $0 === process } } }
        if isLate { process.kill() }
        let connection = try await ProviderConnection.open(to: process, on: self.loop)
        do {
          if try await !self.book.isSchemaOptional() {
            // Such a provider sets itself up when it is asked for its schema.
            _ = try await connection.call(ProviderCall.schemaPath(self.version))
          }
        } catch {
          _ = await connection.end()
          throw error
        }
        promise.succeed(connection)
        // The session may be closed by now and end the process at once: that has to be under way before
        // this work counts as done, or nobody would wait for it.
        try? await self.loop.submit {}.get()
      } catch {
        let failure =
          error as? HostFailure
          ?? .noAnswer(source: self.provider.source, method: "GetSchema", reason: "\(error)")
        self.recorder.tell(.trouble(source: self.provider.source, failure))
        promise.fail(failure)
      }
    }
    return promise.futureResult
  }

  /// Ends a process that is not needed any more.
  func end(_ connection: ProviderConnection) {
    work.add {
      let end = await connection.end()
      // Terraform may close its connection before we have seen the process go.
      if case .code(let code) = end, code != 0 {
        self.tellCrash(of: connection, end)
      } else {
        self.recorder.tell(
          .providerEnded(source: self.provider.source, pid: connection.process.pid, end: end)
        )
      }
    }
  }

  /// Tells of a process that went away by itself.
  func bury(_ connection: ProviderConnection) {
    work.add { self.tellCrash(of: connection, await connection.end()) }
  }

  private func tellCrash(of connection: ProviderConnection, _ end: ProcessEnd) {
    recorder.tell(
      .providerCrashed(
        source: provider.source,
        pid: connection.process.pid,
        end: end,
        lastWords: connection.process.lastWords
      )
    )
  }
}
