import Digests
package import StackModel

/// A `StackJob` document in an envelope with its signature.
///
/// What is signed are the document's bytes, so that nobody has to agree on how a document is written.
package struct SignedStackJob: Sendable {
  package static let kind = "SignedStackJob"

  package var payload: [UInt8]
  var algorithm: String
  var signature: [UInt8]

  /// - Returns: nil when the key can only check.
  package init?(_ document: [UInt8], key: SignatureKey) {
    guard let signature = key.sign(document) else { return nil }
    payload = document
    algorithm = key.algorithm
    self.signature = signature
  }

  /// - Returns: nil for what is no such envelope.
  init?(_ bytes: [UInt8]) {
    guard bytes.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) == UInt8(ascii: "{"),
      let json = try? JSONValue(parsing: bytes), json["kind"]?.string == Self.kind,
      let payload = json["payload"]?.string.flatMap(Base64.bytes),
      let signature = json["signature"]?.string.flatMap(Base64.bytes)
    else { return nil }
    self.payload = payload
    self.signature = signature
    algorithm = json["algorithm"]?.string ?? ""
  }

  package var json: JSONValue {
    [
      "kind": .string(Self.kind), "algorithm": .string(algorithm), "payload": .string(Base64.text(payload)),
      "signature": .string(Base64.text(signature)),
    ]
  }

  /// The document within, whether or not it is signed well; what is no envelope is the document itself.
  package static func document(_ bytes: [UInt8]) -> [UInt8] { SignedStackJob(bytes)?.payload ?? bytes }

  /// The document within, if the key's owner has signed it.
  package static func verified(
    _ bytes: [UInt8],
    by key: SignatureKey,
    file: String
  ) -> Result<[UInt8], DiagnosticFailure> {
    let problem: String
    if let envelope = SignedStackJob(bytes) {
      if envelope.algorithm == key.algorithm, key.verifies(envelope.signature, of: envelope.payload) {
        return .success(envelope.payload)
      }
      problem = "the job's signature is not one of this worker's key"
    } else {
      problem = "the job is not signed, and this worker demands that"
    }
    return .failure(
      DiagnosticFailure(
        .error(
          "queue.signature",
          problem,
          at: SourceLocation(file: file),
          hint: "stackjob submit --sign KEYFILE signs a job"
        )
      )
    )
  }
}
