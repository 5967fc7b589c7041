import Digests
package import StackModel

/// What jobs are signed or checked with: a shared secret, or an Ed25519 key in PEM.
package struct SignatureKey: Sendable {
  private enum Kind: Sendable {
    case secret([UInt8])
    case publicKey([UInt8])
    case privateKey([UInt8])
  }

  private let kind: Kind
  /// A secret shorter than the digest is the weakest part of it.
  private static let shortest = 32

  package static func read(_ bytes: [UInt8], file: String) -> Result<SignatureKey, DiagnosticFailure> {
    func refuse(_ message: String, _ hint: String) -> Result<SignatureKey, DiagnosticFailure> {
      .failure(
        DiagnosticFailure(.error("queue.key", message, at: SourceLocation(file: file), hint: hint))
      )
    }
    let text = String(decoding: bytes, as: UTF8.self)
    if text.hasPrefix("-----BEGIN ") {
      let lines = text.split(whereSeparator: \.isNewline)
      guard lines.count > 2, let key = Base64.bytes(lines[1..<(lines.count - 1)].joined()) else {
        return refuse("the key is no whole PEM document", "openssl genpkey -algorithm ed25519 makes one")
      }
      switch lines[0] {
      case "-----BEGIN PUBLIC KEY-----": return .success(SignatureKey(kind: .publicKey(key)))
      case "-----BEGIN PRIVATE KEY-----": return .success(SignatureKey(kind: .privateKey(key)))
      default: return refuse("the key is neither a public nor a private key", "Ed25519 keys are supported")
      }
    }
    let secret = Array(bytes.reversed().drop { $0 == 0x0A || $0 == 0x0D }.reversed())
    guard secret.count >= shortest else {
      return refuse(
        "the secret has \(secret.count) bytes, and fewer than \(shortest) can be guessed",
        "openssl rand -hex 32 makes one"
      )
    }
    return .success(SignatureKey(kind: .secret(secret)))
  }

  package var algorithm: String {
    switch kind {
    case .secret: "hmac-sha256"
    case .publicKey, .privateKey: "ed25519"
    }
  }

  /// - Returns: nil when the key can only check.
  package func sign(_ bytes: [UInt8]) -> [UInt8]? {
    switch kind {
    case .secret(let secret): HMAC.sha256(bytes, key: secret)
    case .privateKey(let key): Ed25519.sign(bytes, privateKey: key)
    case .publicKey: nil
    }
  }

  func verifies(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
    switch kind {
    case .secret(let secret): ConstantTime.equal(HMAC.sha256(bytes, key: secret), signature)
    case .publicKey(let key): Ed25519.verify(signature, of: bytes, publicKey: key)
    // Whoever checks needs no key that can sign.
    case .privateKey: false
    }
  }
}
