import CurlHTTP
import Digests
import LocalFiles

/// Files that go to an endpoint and come from it, however large: neither is ever in memory as a whole.
extension QueueEndpoint {
  /// Sends a file, from its start.
  func send(
    _ path: String,
    to target: String,
    headers: [String],
    digest: String,
    on connection: HTTPConnection
  ) -> Answer {
    var request = Request(
      "PUT",
      target,
      headers: headers + ["\(Wire.digestHeader): \(digest)", "content-type: application/octet-stream"]
    )
    request.upload = path
    return ask(request, on: connection)
  }

  /// Fetches a file. It is in its place only if it is, byte for byte, the one that was announced; what is longer than
  /// that is not read on.
  ///
  /// - Returns: the server's answer, and whether the file is there.
  func fetch(
    _ artefact: Wire.Artefact,
    of job: String,
    to path: String,
    on connection: HTTPConnection
  ) throws(FileError) -> (answer: Answer, isThere: Bool) {
    let incoming = IncomingFile(try FileDraft(path), size: artefact.size)
    var request = Request("GET", "/jobs/\(job)/artefacts/\(artefact.name)")
    request.download = { incoming.take($0) }
    let answer = ask(request, on: connection)
    guard case .done = answer else {
      if let error = incoming.failure { throw error }
      return (answer, false)
    }
    return (answer, try incoming.keep(if: artefact.sha256))
  }
}

/// What has come of a file so far. One call at a time writes to it: libcurl's, and then ours.
private final class IncomingFile: @unchecked Sendable {
  private let draft: FileDraft
  private let size: Int
  private(set) var failure: FileError?

  init(_ draft: FileDraft, size: Int) {
    self.draft = draft
    self.size = size
  }

  /// - Returns: false when nothing more is wanted.
  func take(_ piece: UnsafeRawBufferPointer) -> Bool {
    guard draft.size + piece.count <= size else { return false }
    do throws(FileError) { try draft.append(piece) } catch {
      failure = error
      return false
    }
    return true
  }

  func keep(if digest: String) throws(FileError) -> Bool {
    guard draft.size == size, try draft.digest() == digest else { return false }
    try draft.keep()
    return true
  }
}

extension FileDraft {
  fileprivate func digest() throws(FileError) -> String { try SHA256.digest(ofFile: temporary) }
}
