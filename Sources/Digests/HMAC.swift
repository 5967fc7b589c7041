import COpenSSL

/// HMAC-SHA-256: a digest that nobody without the key can make or try guesses against.
package enum HMAC {
  /// - Returns: 32 bytes.
  package static func sha256(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    let made = COpenSSL.HMAC(EVP_sha256(), key, Int32(key.count), bytes, bytes.count, &code, &count)
    precondition(made != nil && count == 32, "libcrypto cannot make an HMAC")
    return code
  }
}
