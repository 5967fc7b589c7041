import CurlHTTP
import Digests
package import StackModel

/// Checks whether a server keeps to `docs/protocol.md`, by playing a worker and a client.
///
/// The queue has to be one that nobody else uses meanwhile.
package struct Conformance: Sendable {
  package enum Verdict: Sendable, Equatable {
    case kept
    case broken(String)
    case skipped(String)
  }

  package struct Finding: Sendable {
    package var group: String
    package var check: String
    package var verdict: Verdict
    /// Seconds.
    package var seconds: Double

    package init(group: String, check: String, verdict: Verdict, seconds: Double) {
      self.group = group
      self.check = check
      self.verdict = verdict
      self.seconds = seconds
    }

    package var isBroken: Bool { if case .broken = verdict { true } else { false } }

    package var json: JSONValue {
      let (word, reason): (String, String?) =
        switch verdict {
        case .kept: ("kept", nil)
        case .broken(let reason): ("broken", reason)
        case .skipped(let reason): ("skipped", reason)
        }
      return [
        "group": .string(group), "check": .string(check), "verdict": .string(word),
        "reason": .optional(reason),
        "seconds": .number(String((seconds * 1000).rounded() / 1000)),
      ]
    }
  }

  /// Ends a check.
  package enum Stop: Error {
    case broken(String)
    case skipped(String)
  }

  struct Check: Sendable {
    var group: String
    var name: String
    var body: @Sendable (Conformance) throws(Stop) -> Void

    init(_ group: String, _ name: String, _ body: @escaping @Sendable (Conformance) throws(Stop) -> Void) {
      self.group = group
      self.name = name
      self.body = body
    }
  }

  let endpoint: QueueEndpoint
  /// Begins the ids of all jobs of this run.
  let prefix: String
  private let connection = HTTPConnection()

  package init(_ endpoint: QueueEndpoint) {
    self.endpoint = endpoint
    prefix = "conformance-\(RandomToken.make().prefix(8))"
  }

  /// The names of all checks, by group.
  package static var checks: [(group: String, check: String)] { all.map { ($0.group, $0.name) } }

  static var all: [Check] { submission + claims + stacks + logs + reports + decisions + access }

  /// Runs each check that is chosen.
  ///
  /// - Parameters:
  ///   - isChosen: gets a check's group and name.
  ///   - onFinding: called as each one ends.
  package func run(isChosen: (String, String) -> Bool, onFinding: (Finding) -> Void) -> [Finding] {
    Self.all.filter { isChosen($0.group, $0.name) }.map { check in
      let watch = Elapsed()
      var verdict = Verdict.kept
      do throws(Stop) { try check.body(self) } catch {
        switch error {
        case .broken(let reason): verdict = .broken(reason)
        case .skipped(let reason): verdict = .skipped(reason)
        }
      }
      let finding = Finding(group: check.group, check: check.name, verdict: verdict, seconds: watch.seconds)
      onFinding(finding)
      return finding
    }
  }

  // MARK: Asking

  /// One answer, whatever it is; none after some tries breaks the check.
  func ask(_ request: QueueEndpoint.Request) throws(Stop) -> HTTPCall.Reply {
    var last = ""
    for _ in 0..<3 {
      switch endpoint.reply(to: request, on: connection) {
      case .success(let reply): return reply
      case .failure(let failure): last = failure.description
      }
    }
    throw .broken("\(request.method) \(request.path): \(last)")
  }

  /// An answer with a certain status.
  @discardableResult
  func expect(_ status: Int..., of request: QueueEndpoint.Request) throws(Stop) -> HTTPCall.Reply {
    let reply = try ask(request)
    guard status.contains(reply.status) else {
      let wanted = status.map(String.init).joined(separator: " or ")
      throw .broken("\(request.method) \(request.path): expected status \(wanted), got \(reply.status)")
    }
    // Who is refused is told why.
    if (400...499).contains(reply.status), reply.document(Wire.Problem.self) == nil {
      throw .broken("\(request.method) \(request.path): status \(reply.status) without {\"error\": \"...\"}")
    }
    return reply
  }

  func expect<Document: WireDocument>(
    _ type: Document.Type,
    _ status: Int = 200,
    of request: QueueEndpoint.Request
  ) throws(Stop) -> Document {
    let reply = try expect(status, of: request)
    guard let document = reply.document(type) else {
      throw .broken("\(request.method) \(request.path): the answer is no \(type)")
    }
    return document
  }

  func require(_ holds: Bool, _ otherwise: @autoclosure () -> String) throws(Stop) {
    if !holds { throw .broken(otherwise()) }
  }
}

extension HTTPCall.Reply {
  func document<Document: WireDocument>(_: Document.Type) -> Document? {
    (try? JSONValue(parsing: body)).flatMap(Document.init(json:))
  }
}
