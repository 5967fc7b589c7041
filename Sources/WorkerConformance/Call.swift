import HTTPListening
import JobSources
import StackModel

/// One request of a worker, and how it was answered.
struct Call: Sendable {
  enum Step: String, Sendable {
    case claim = "POST /claims"
    case withdraw = "DELETE /claims"
    case lease = "POST lease"
    case events = "PUT events"
    case artefact = "PUT artefacts"
    case result = "PUT result"
    case fetch = "GET artefacts"
    case queue = "GET /queue"
    case other = "another request"
  }

  let step: Step
  let request: HTTPListener.Request
  /// The job that it is about.
  private(set) var job: String?
  private(set) var attempt: Int?
  /// Where a piece of a log begins.
  private(set) var offset: Int?
  /// Of a file.
  private(set) var name: String?
  /// Seconds since the server was started; so are all times here.
  let arrived: Double
  var answered: Double?
  var status: Int?
  /// False when the answer did not get through, or could not be understood.
  var isHeard = false
  /// The `offset` of the answer.
  var told: Int?
  /// The token that the request should have had.
  var token: Int?
  /// The attempt that it should have been about.
  var expectedAttempt: Int?

  init(_ request: HTTPListener.Request, arrived: Double) {
    self.request = request
    self.arrived = arrived
    let parts = request.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(
      String.init
    )
    guard parts.first == "v1" else {
      step = .other
      return
    }
    let path = Array(parts.dropFirst())
    switch (request.method, path.first ?? "", path.count > 2 ? path[2] : "") {
    case ("POST", "claims", ""): step = .claim
    case ("DELETE", "claims", ""): step = .withdraw
    case ("GET", "queue", ""): step = .queue
    case ("POST", "jobs", "lease"): step = .lease
    case ("PUT", "jobs", "result"): step = .result
    case ("PUT", "jobs", "attempts") where path.last == "events": step = .events
    case ("PUT", "jobs", "artefacts"): step = .artefact
    case ("GET", "jobs", "artefacts"): step = .fetch
    default: step = .other
    }
    if path.first == "jobs", path.count > 2 { job = path[1] }
    switch step {
    case .events:
      attempt = path.count == 5 ? Int(path[3]) : nil
      offset = request.value(inQuery: "offset").flatMap(Int.init)
    case .lease, .result: attempt = json?["attempt"]?.int
    case .artefact, .fetch: name = path.dropFirst(3).joined(separator: "/")
    default: break
    }
  }

  /// Its body, if that is JSON.
  var json: JSONValue? { try? JSONValue(parsing: request.body) }

  func document<Document: WireDocument>(_: Document.Type) -> Document? { json.flatMap(Document.init(json:)) }

  /// For people.
  var words: String {
    switch step {
    case .events: "PUT events from byte \(offset.map(String.init) ?? "?")"
    case .artefact: "PUT artefacts/\(name ?? "")"
    case .fetch: "GET artefacts/\(name ?? "")"
    case .other: "\(request.method) \(request.path)"
    default: step.rawValue
    }
  }
}

/// All that happened in a scene.
struct Transcript: Sendable {
  var calls: [Call]
  var jobs: [PlayedJob]
  /// How the worker ended; nil while it runs, and when nobody can know.
  var end: String?
  /// Whether its end could be seen.
  var isWatched = false
  /// Why the scene was ended before it was over.
  var cutShort: String?

  func calls(_ step: Call.Step, of job: String? = nil) -> [Call] {
    calls.filter { $0.step == step && (job == nil || $0.job == job) }
  }

  func calls(of job: PlayedJob) -> [Call] { calls.filter { $0.job == job.id } }
}
