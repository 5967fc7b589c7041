import COpenSSL

/// Ed25519 (RFC 8032), with keys as OpenSSL writes them.
package enum Ed25519 {
  /// - Parameters:
  ///   - publicKey: SubjectPublicKeyInfo in DER, as in `BEGIN PUBLIC KEY`.
  /// - Returns: false for a wrong signature, and for a key of another kind.
  package static func verify(_ signature: [UInt8], of bytes: [UInt8], publicKey: [UInt8]) -> Bool {
    let key = publicKey.withUnsafeBufferPointer { buffer -> OpaquePointer? in
      var cursor = buffer.baseAddress
      return d2i_PUBKEY(nil, &cursor, buffer.count)
    }
    guard let key else { return false }
    defer { EVP_PKEY_free(key) }
    guard EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519, let context = EVP_MD_CTX_new() else { return false }
    defer { EVP_MD_CTX_free(context) }
    return EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
      && EVP_DigestVerify(context, signature, signature.count, bytes, bytes.count) == 1
  }

  /// - Parameter privateKey: PKCS 8 in DER, as in `BEGIN PRIVATE KEY`.
  /// - Returns: 64 bytes; nil when the key is none of this kind.
  package static func sign(_ bytes: [UInt8], privateKey: [UInt8]) -> [UInt8]? {
    let key = privateKey.withUnsafeBufferPointer { buffer -> OpaquePointer? in
      var cursor = buffer.baseAddress
      return d2i_AutoPrivateKey(nil, &cursor, buffer.count)
    }
    guard let key else { return nil }
    defer { EVP_PKEY_free(key) }
    guard EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519, let context = EVP_MD_CTX_new() else { return nil }
    defer { EVP_MD_CTX_free(context) }
    var signature = [UInt8](repeating: 0, count: 64)
    var count = signature.count
    guard EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
      EVP_DigestSign(context, &signature, &count, bytes, bytes.count) == 1, count == 64
    else { return nil }
    return signature
  }
}

/// Compares what an attacker may try values for, in a time that tells nothing of where they differ.
package enum ConstantTime {
  package static func equal(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    one.count == other.count && CRYPTO_memcmp(one, other, one.count) == 0
  }
}
