import COpenSSL

/// A number that changes when a secret changes and tells nothing else about it.
package enum Fingerprint {
  /// Derives a number from a secret that may be written to a plan and a state.
  ///
  /// Whoever reads the state could try passwords against it, so it is made slowly (scrypt, 8 MiB
  /// of memory a try) and cut to 31 bits: of a billion guesses several give the same number.
  ///
  /// - Parameters:
  ///   - secret: the text, or several joined by the caller.
  ///   - salt: what the number belongs to, so that two stacks with one password differ.
  /// - Returns: from 1 to 2^31 - 1, the positive half of Terraform's write-only version numbers.
  package static func revision(of secret: String, salt: String) -> Int {
    var key = [UInt8](repeating: 0, count: 8)
    let password = Array(secret.utf8)
    let saltBytes = Array(salt.utf8)
    let made = password.withUnsafeBytes { password in
      EVP_PBE_scrypt(
        password.baseAddress?.assumingMemoryBound(to: CChar.self),
        password.count,
        saltBytes,
        saltBytes.count,
        1 << 13,
        8,
        1,
        64 << 20,
        &key,
        key.count
      )
    }
    precondition(made == 1, "libcrypto cannot run scrypt")
    let number = key.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(number % 2_147_483_647) + 1
  }
}

/// Random bytes for tokens.
package enum RandomToken {
  /// 32 hexadecimal characters that nobody can guess.
  package static func make() -> String { Hex.text(bytes(16)) }

  package static func bytes(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    precondition(RAND_bytes(&bytes, Int32(count)) == 1, "libcrypto has no randomness")
    return bytes
  }
}
