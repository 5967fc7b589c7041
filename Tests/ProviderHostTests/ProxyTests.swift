import NIOCore
import NIOHTTP2
import PluginFakes
import PluginWire
import ProviderHost
import Synchronization
import Testing

@Suite("What passes through a host", .timeLimit(.minutes(5)))
struct ProxyTests {
  private static let prefix = "/tfplugin5.Provider/"

  private static let schema = ProtobufWriter.message {
    $0.entry(2, key: "fake_a", [1])
    $0.entry(2, key: "fake_b", [2])
    $0.message(6) { $0.bool(2, true) }
  }

  /// Answers what sets a provider up, and the rest by the body.
  private static func behaviour(
    schema: [UInt8] = Self.schema,
    _ other: @escaping @Sendable (String) -> any ChannelHandler
  ) -> FakeProvider.Behaviour {
    { path in
      switch path {
      case prefix + "GetSchema": Answering(message: schema)
      case "/plugin.GRPCController/Shutdown": Answering(message: [])
      default: other(path)
      }
    }
  }

  @Test("A message of many megabytes comes through whole, both ways", arguments: [0, 1, 64 << 10, 64 << 20])
  func sizes(size: Int) async throws {
    try await Scratch.folder { folder in
      // What is sent comes back, so both directions are seen.
      let echo = Self.behaviour { _ in
        Answering { body in
          [.headers(.init(headers: Frames.headers)), Frames.data(body), Frames.response([])[2]]
        }
      }
      try await FakeProvider.hosted(in: folder, behaviour: echo) { terraform, host in
        let message = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        let reply = try await terraform.call(Self.prefix + "PlanResourceChange", message)
        #expect(reply.status == "0" && reply.message == message)
        #expect(reply["x-trailer"] == "kept")
        #expect(host.statistics.forwardedBytes == 2 * (size + 5))
      }
    }
  }

  @Test("A stream of many megabytes is never held as a whole")
  func stream() async throws {
    try await Scratch.folder { folder in
      let behaviour = Self.behaviour { _ in Counting() }
      try await FakeProvider.hosted(in: folder, behaviour: behaviour) { terraform, host in
        let call = try await terraform.open(Self.prefix + "ApplyResourceChange")
        let piece = [UInt8](repeating: 7, count: 64 << 10)
        for _ in 0..<1024 { try await call.send(piece) }
        try await call.send([], isLast: true)
        let reply = await call.reply()
        #expect(reply.message == Array("\(64 << 20)".utf8))
      }
    }
  }

  @Test("While the provider takes nothing, Terraform can send no more than two windows")
  func backpressure() async throws {
    try await Scratch.folder { folder in
      try await FakeProvider.hosted(in: folder, behaviour: Self.behaviour { _ in Deaf() }) {
        terraform,
        host in
        let call = try await terraform.open(Self.prefix + "ApplyResourceChange")
        let taken = Mutex(0)
        let piece = [UInt8](repeating: 7, count: 64 << 10)
        for _ in 0..<1024 {
          call.push(piece).whenSuccess { taken.withLock { $0 += piece.count } }
        }
        // Calls on the same connection go through all the same. Once many in a row have moved no more
        // of the first one, it stands still.
        var (last, rounds) = (-1, 0)
        while rounds < 50 {
          let reply = try await terraform.call(Self.prefix + "GetSchema")
          #expect(reply.message == Self.schema)
          let now = taken.withLock { $0 }
          rounds = now == last && now > 0 ? rounds + 1 : 0
          last = now
        }
        #expect(last < 9 << 20, "\(last)")
      }
    }
  }

  @Test("A reset of Terraform reaches the provider, and one of the provider reaches Terraform")
  func resets() async throws {
    try await Scratch.folder { folder in
      let (seen, saw) = AsyncStream<HTTP2ErrorCode?>.makeStream()
      let behaviour = Self.behaviour { path in
        if path.hasSuffix("ReadResource") { return Answering { _ in [.rstStream(.enhanceYourCalm)] } }
        return ResetWatch { saw.yield($0) }
      }
      try await FakeProvider.hosted(in: folder, behaviour: behaviour) { terraform, _ in
        #expect(try await terraform.call(Self.prefix + "ReadResource").reset == .enhanceYourCalm)
        let call = try await terraform.open(Self.prefix + "PlanResourceChange")
        try await call.send([1, 2, 3])
        var iterator = seen.makeAsyncIterator()
        // It has begun; a call that was reset before would not have reached the provider at all.
        #expect(await iterator.next() == .some(nil))
        try await call.reset(.cancel)
        #expect(await iterator.next() == .cancel)
      }
    }
  }

  @Test("An error of the provider comes through with its words")
  func errors() async throws {
    try await Scratch.folder { folder in
      let behaviour = Self.behaviour { _ in Answering { _ in Frames.failure(13, "it%20broke") } }
      try await FakeProvider.hosted(in: folder, behaviour: behaviour) { terraform, _ in
        let reply = try await terraform.call(Self.prefix + "ReadDataSource")
        #expect(reply.status == "13" && reply["grpc-message"] == "it%20broke")
        #expect(reply.headers.count == 1)
      }
    }
  }

  @Test("A provider that must be asked for its schema is asked once in each process")
  func schemaNotOptional() async throws {
    try await Scratch.folder { folder in
      let paths = Mutex<[String]>([])
      let schema = ProtobufWriter.message { $0.entry(2, key: "fake_a", [1]) }
      let inner = Self.behaviour(schema: schema) { _ in Answering(message: []) }
      let behaviour: FakeProvider.Behaviour = { path in
        paths.withLock { $0.append(path) }
        return inner(path)
      }
      try await FakeProvider.hosted(in: folder, behaviour: behaviour) { terraform, host in
        for _ in 0..<2 {
          let reply = try await terraform.call(Self.prefix + "GetSchema")
          #expect(reply.message == schema)
        }
        let configured = try await terraform.call(Self.prefix + "Configure")
        #expect(configured.status == "0")
        // The process that was asked is the one that is configured: nobody else will ask it anything.
        #expect(host.statistics.providers == 1)
      }
      #expect(paths.withLock { $0.filter { $0.hasSuffix("GetSchema") }.count } == 1)
      #expect(paths.withLock { $0.filter { $0.hasSuffix("Shutdown") }.count } == 1)
    }
  }

  @Test("What is asked of an instance before it is configured is answered without a process of its own")
  func answers() async throws {
    try await Scratch.folder { folder in
      let asked = Mutex<[String]>([])
      let behaviour = Self.behaviour { path in
        asked.withLock { $0.append(path) }
        return switch path {
        case Self.prefix + "GetResourceIdentitySchemas":
          Answering { _ in Frames.failure(12, "unknown%20method") }
        case Self.prefix + "ValidateResourceTypeConfig":
          // With a warning: such an answer is not for keeping.
          Answering { body in
            Frames.response(body.last == 1 ? ProtobufWriter.message { $0.message(1) { $0.int(1, 2) } } : [])
          }
        default: Answering { body in Frames.response(Array(body.dropFirst(5))) }
        }
      }
      // Twice, with a host of its own each time: the second finds everything in the cache folder.
      for round in 0..<2 {
        asked.withLock { $0 = [] }
        try await FakeProvider.hosted(in: folder, keep: ["fake_b"], behaviour: behaviour) { terraform, host in
          let schema = try await terraform.call(Self.prefix + "GetSchema").message
          #expect(try SchemaMessage(schema).typeNames() == ["fake_b"])
          let identities = try await terraform.call(Self.prefix + "GetResourceIdentitySchemas")
          #expect(identities.status == "12")
          #expect(identities["grpc-message"] == "unknown%20method")
          let config = Array("settings".utf8)
          #expect(
            try await terraform.call(Self.prefix + "PrepareProviderConfig", [10, 8] + config).message == [
              10, 8,
            ] + config
          )
          #expect(try await terraform.call(Self.prefix + "ValidateResourceTypeConfig", [0]).message == [])
          #expect(
            try await terraform.call(Self.prefix + "ValidateResourceTypeConfig", [1]).message.count == 4
          )
          #expect(try await terraform.call(Self.prefix + "Stop").status == "0")
          #expect(try await terraform.call("/grpc.health.v1.Health/Check").message == [8, 1])
          #expect(host.statistics.forwarded == 0 && host.statistics.answered == 7)
        }
        let warned = Self.prefix + "ValidateResourceTypeConfig"
        #expect(
          asked.withLock { round == 0 ? $0.count == 4 : $0 == [warned] },
          "round \(round): \(asked.withLock { $0 })"
        )
      }
    }
  }

  @Test("A configured instance is asked itself")
  func configured() async throws {
    try await Scratch.folder { folder in
      let behaviour = Self.behaviour { _ in Answering(message: []) }
      try await FakeProvider.hosted(in: folder, behaviour: behaviour) { terraform, host in
        for _ in 0..<2 { _ = try await terraform.call(Self.prefix + "PrepareProviderConfig", [1]) }
        #expect(host.statistics.forwarded == 0)
        _ = try await terraform.call(Self.prefix + "Configure")
        _ = try await terraform.call(Self.prefix + "ValidateResourceTypeConfig", [1])
        _ = try await terraform.call(Self.prefix + "Stop")
        #expect(host.statistics.forwarded == 3)
      }
    }
  }

  @Test("A request too large to be looked up is handed on")
  func largeRequest() async throws {
    try await Scratch.folder { folder in
      let behaviour = Self.behaviour { _ in Answering(message: []) }
      try await FakeProvider.hosted(in: folder, behaviour: behaviour) { terraform, host in
        let message = [UInt8](repeating: 1, count: 5 << 20)
        let reply = try await terraform.call(Self.prefix + "ValidateResourceTypeConfig", message)
        #expect(reply.status == "0")
        #expect(host.statistics.forwarded == 1)
      }
    }
  }

  @Test("A connection that is closed without a call, as Terraform makes one to look, starts nothing")
  func look() async throws {
    try await Scratch.folder { folder in
      try await FakeProvider.hosted(in: folder, behaviour: Self.behaviour { _ in Deaf() }) {
        terraform,
        host in
        await terraform.close()
        #expect(host.statistics.sessions == 0 && host.statistics.providers == 0)
      }
    }
  }
}

/// Tells when a call begins, by nil, and how it was reset.
private final class ResetWatch: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame.FramePayload

  private let tell: @Sendable (HTTP2ErrorCode?) -> Void

  init(_ tell: @escaping @Sendable (HTTP2ErrorCode?) -> Void) { self.tell = tell }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .headers = unwrapInboundIn(data) { tell(nil) }
  }

  func channelReadComplete(context: ChannelHandlerContext) { context.read() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if let closed = error as? NIOHTTP2Errors.StreamClosed { tell(closed.errorCode) }
  }
}
