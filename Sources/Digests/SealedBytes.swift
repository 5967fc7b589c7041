import COpenSSL

/// Bytes that only the holder of a key can read or change: AES-256-GCM.
package enum SealedBytes {
  private static let nonceLength: Int32 = 12
  private static let tagLength: Int32 = 16

  /// - Parameter key: 32 bytes.
  /// - Returns: nonce, sealed bytes, tag.
  package static func seal(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    precondition(key.count == 32, "AES-256 takes 32 bytes")
    guard let context = EVP_CIPHER_CTX_new() else { preconditionFailure("libcrypto cannot start AES-GCM") }
    defer { EVP_CIPHER_CTX_free(context) }
    let nonce = RandomToken.bytes(Int(nonceLength))
    var sealed = [UInt8](repeating: 0, count: bytes.count)
    var tag = [UInt8](repeating: 0, count: Int(tagLength))
    var count: Int32 = 0
    var rest: [UInt8] = [0]
    let done =
      EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1
      && EVP_EncryptUpdate(context, &sealed, &count, bytes, Int32(bytes.count)) == 1
      && EVP_EncryptFinal_ex(context, &rest, &count) == 1
      && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tagLength, &tag) == 1
    precondition(done, "libcrypto cannot seal")
    return nonce + sealed + tag
  }

  /// - Returns: nil when the bytes were made with another key or changed since.
  package static func open(_ bytes: [UInt8], key: [UInt8]) -> [UInt8]? {
    guard key.count == 32, bytes.count >= Int(nonceLength + tagLength) else { return nil }
    guard let context = EVP_CIPHER_CTX_new() else { return nil }
    defer { EVP_CIPHER_CTX_free(context) }
    let nonce = Array(bytes.prefix(Int(nonceLength)))
    let sealed = Array(bytes.dropFirst(Int(nonceLength)).dropLast(Int(tagLength)))
    var tag = Array(bytes.suffix(Int(tagLength)))
    var opened = [UInt8](repeating: 0, count: sealed.count)
    var count: Int32 = 0
    var rest: [UInt8] = [0]
    guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
      EVP_DecryptUpdate(context, &opened, &count, sealed, Int32(sealed.count)) == 1,
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tagLength, &tag) == 1,
      EVP_DecryptFinal_ex(context, &rest, &count) == 1
    else { return nil }
    return opened
  }
}
