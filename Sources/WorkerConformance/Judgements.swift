import Digests
import HTTPListening
import JobSources
import StackModel

enum Digest {
  static func of(_ bytes: [UInt8]) -> String { SHA256.digest(of: bytes) }
}

func requireTokens(_ seen: Transcript, _ job: PlayedJob) throws(Stop) {
  let calls = seen.calls(of: job).filter { $0.step != .fetch }
  try require(!calls.isEmpty, "expected requests for the job, saw none" + seen.because)
  for call in calls {
    let token = call.request.headers[Wire.tokenHeader]
    let wanted = call.token.map(String.init)
    try require(
      token == wanted,
      "\(call.words): expected \(Wire.tokenHeader) \(wanted ?? ""), saw \(token ?? "none")"
    )
    guard call.step != .artefact else { continue }
    try require(
      call.attempt == call.expectedAttempt,
      "\(call.words): expected attempt \(call.expectedAttempt ?? 0), saw \(call.attempt.map(String.init) ?? "none")"
    )
  }
}

/// A piece may begin at any offset that was told since the piece before it was answered: requests may be on their way
/// beside each other.
func requireOffsets(_ seen: Transcript, _ job: PlayedJob) throws(Stop) {
  let calls = seen.calls(of: job)
  let pieces = calls.filter { $0.step == .events }
  try require(!pieces.isEmpty, "expected pieces of the log, saw none" + seen.because)
  var allowed: Set<Int> = [0]
  var since = 0.0
  for piece in pieces {
    let told = calls.filter { call in
      guard call.isHeard, call.told != nil, let answered = call.answered else { return false }
      return answered >= since && answered <= piece.arrived
    }
    if !told.isEmpty { allowed = Set(told.compactMap(\.told)) }
    let words = allowed.sorted().map(String.init).joined(separator: " or ")
    try require(
      piece.offset.map(allowed.contains) == true,
      "expected a piece from byte \(words), as it was answered, saw one from \(piece.offset.map(String.init) ?? "nowhere")"
    )
    since = piece.answered ?? since
  }
}

func requireFiles(_ seen: Transcript, _ job: PlayedJob) throws(Stop) {
  let files = seen.calls(.artefact, of: job.id)
  guard !files.isEmpty else { throw .skipped("no files came") }
  let first = seen.calls(.result, of: job.id).first?.arrived ?? .infinity
  for call in files {
    let name = call.name ?? ""
    try require(Wire.Artefact.isLegal(name), "expected a legal name of a file, saw `\(name)`")
    let digest = call.request.headers[Wire.digestHeader]
    let wanted = Digest.of(call.request.body)
    try require(
      digest == wanted,
      "\(name): expected \(Wire.digestHeader) \(wanted.prefix(12))... of what came, saw \(digest.map { "\($0.prefix(12))..." } ?? "none")"
    )
    try require(call.arrived < first, "\(name): expected it before the report, saw it after that")
  }
}

/// Nothing comes for a job any more; a request that was on its way by then is forgiven.
func requireSilence(_ seen: Transcript, _ job: PlayedJob, after: Double, _ why: String) throws(Stop) {
  let late = seen.calls(of: job).first { $0.arrived > after + 0.1 && $0.step != .fetch }
  try require(
    late == nil,
    "expected nothing for the job once \(why), saw \(late?.words ?? "") \((late.map { $0.arrived - after } ?? 0).short) s later"
  )
}
