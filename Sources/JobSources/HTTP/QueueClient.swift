import CurlHTTP
import LocalFiles
import StackModel

/// What people do with the jobs of an endpoint.
package struct QueueClient: Sendable {
  /// Why it was not done.
  package struct Failure: Error, Sendable {
    package enum Kind: Sendable { case noAnswer, denied, refused, unknownJob }
    package var kind: Kind
    package var words: String

    package init(kind: Kind, words: String) {
      self.kind = kind
      self.words = words
    }
  }

  private let endpoint: QueueEndpoint
  private let connection = HTTPConnection()
  /// How often something is asked again when no answer comes.
  private static let tries = 5

  package init(_ endpoint: QueueEndpoint) { self.endpoint = endpoint }

  private func ask<Document: WireDocument>(
    _ request: QueueEndpoint.Request,
    for type: Document.Type
  ) throws(Failure) -> Document {
    let answer = try ask(request) { $0.document(type) != nil }
    guard let document = answer.document(type) else { throw Failure(kind: .noAnswer, words: answer.words) }
    return document
  }

  /// Every request may be made again: doing something twice is doing it once.
  private func ask(
    _ request: QueueEndpoint.Request,
    isGood: (QueueEndpoint.Answer) -> Bool
  ) throws(Failure) -> QueueEndpoint.Answer {
    try again {
      let answer = endpoint.ask(request, on: connection)
      return (answer, isGood(answer))
    }
  }

  private func again(
    _ ask: () -> (answer: QueueEndpoint.Answer, isGood: Bool)
  ) throws(Failure) -> QueueEndpoint.Answer {
    var backoff = Backoff()
    var last = ""
    for turn in 1...Self.tries {
      let (answer, isGood) = ask()
      var atLeast: Double?
      switch answer {
      case _ where isGood: return answer
      case .denied: throw Failure(kind: .denied, words: answer.words)
      case .refused(404, _): throw Failure(kind: .unknownJob, words: answer.words)
      case .refused: throw Failure(kind: .refused, words: answer.words)
      case .later(_, let seconds): atLeast = seconds
      case .done, .unexplained: break
      }
      last = answer.words
      if turn < Self.tries { Bell().wait(seconds: min(backoff.next(atLeast: atLeast), 30)) }
    }
    throw Failure(kind: .noAnswer, words: last)
  }

  /// - Returns: whether the job is new.
  package func submit(
    _ document: [UInt8],
    id: String,
    stack: String?,
    by person: String
  ) throws(Failure) -> Bool {
    let body = Wire.Submission(document: String(decoding: document, as: UTF8.self), stack: stack, by: person)
    let answer = try ask(QueueEndpoint.Request("PUT", "/jobs/\(id)", body)) {
      $0.document(QueuedJob.self)?.id == id
    }
    if case .done(let reply) = answer { return reply.status == 201 }
    return false
  }

  /// All jobs in the order of submission.
  package func jobs(_ status: QueuedJob.Status? = nil) throws(Failure) -> [QueuedJob] {
    var jobs: [QueuedJob] = []
    var after: String?
    repeat {
      var query: [String] = []
      if let status { query.append("status=\(status.rawValue)") }
      if let after { query.append("after=\(after)") }
      let path = "/jobs" + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
      let page = try ask(QueueEndpoint.Request("GET", path), for: Wire.JobPage.self)
      jobs += page.jobs
      after = page.next
    } while after != nil
    return jobs
  }

  /// Nil when there is no such job.
  package func job(_ id: String) throws(Failure) -> Wire.JobView? {
    do throws(Failure) {
      return try ask(QueueEndpoint.Request("GET", "/jobs/\(id)"), for: Wire.JobView.self)
    } catch {
      guard error.kind == .unknownJob else { throw error }
      return nil
    }
  }

  /// A piece of an attempt's log, empty when there is no more by now.
  package func events(
    _ id: String,
    attempt: Int,
    from offset: Int,
    atMost count: Int
  ) throws(Failure) -> [UInt8] {
    let path = "/jobs/\(id)/attempts/\(attempt)/events?offset=\(offset)&limit=\(count)"
    let answer = try ask(QueueEndpoint.Request("GET", path)) { answer in
      if case .done(let reply) = answer { return reply.headers[Wire.offsetHeader] == String(offset) }
      return false
    }
    if case .done(let reply) = answer { return reply.body }
    return []
  }

  /// Puts a file of a job at a path.
  package func fetch(
    _ artefact: Wire.Artefact,
    of id: String,
    to path: String
  ) throws(Failure) {
    _ = try again {
      do throws(FileError) {
        let (answer, isThere) = try endpoint.fetch(artefact, of: id, to: path, on: connection)
        return (answer, isThere)
      } catch {
        // A disk that is full does not become less so by asking again.
        return (.refused(status: 0, Wire.Problem(error: "\(error)")), false)
      }
    }
  }

  package func request(_ request: JobRequest, of id: String, by person: String) throws(Failure) {
    var body = Wire.Request(by: person, reason: request.reason)
    if case .approve(let digest, _) = request { body.digest = digest }
    _ = try ask(QueueEndpoint.Request("POST", "/jobs/\(id)/\(request.name)", body), for: QueuedJob.self)
  }
}
