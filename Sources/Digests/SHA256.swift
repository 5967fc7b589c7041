import COpenSSL
package import LocalFiles

/// SHA-256 by libcrypto, fed piece by piece.
package struct SHA256: ~Copyable {
  private let context: OpaquePointer

  package init() {
    // Allocation is the only thing that can fail here, and nothing can go on without it.
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("libcrypto cannot start SHA-256")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  package func update(_ bytes: some Collection<UInt8>) {
    let fed: Void? = bytes.withContiguousStorageIfAvailable {
      _ = EVP_DigestUpdate(context, $0.baseAddress, $0.count)
    }
    if fed == nil { update(Array(bytes)) }
  }

  /// The digest in lower-case hexadecimal, 64 characters.
  package consuming func finish() -> String { Hex.text(finishBytes()) }

  /// The digest, 32 bytes.
  package consuming func finishBytes() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    EVP_DigestFinal_ex(context, &digest, nil)
    return digest
  }

  package static func digest(of bytes: some Collection<UInt8>) -> String {
    let hash = SHA256()
    hash.update(bytes)
    return hash.finish()
  }

  /// The digest of a file of any size.
  package static func digest(ofFile path: String) throws(FileError) -> String {
    let hash = SHA256()
    try LocalFiles.forEachChunk(of: path) { hash.update($0) }
    return hash.finish()
  }
}

package enum Hex {
  private static let digits = Array("0123456789abcdef".utf8)

  package static func text(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
