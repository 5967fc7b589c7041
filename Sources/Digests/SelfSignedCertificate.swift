import COpenSSL

/// A key on P-256 and a certificate for `localhost` signed with it, for one connection between two
/// processes that hand each other their certificates on another way.
package struct SelfSignedCertificate: Sendable {
  /// The certificate in DER.
  package let certificate: [UInt8]
  /// The private key in DER.
  package let privateKey: [UInt8]

  package struct Failure: Error, CustomStringConvertible {
    package var description: String { "libcrypto cannot make a certificate" }
  }

  package init() throws(Failure) {
    guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil) else { throw Failure() }
    defer { EVP_PKEY_CTX_free(context) }
    var made: OpaquePointer?
    guard EVP_PKEY_keygen_init(context) == 1,
      EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1,
      EVP_PKEY_keygen(context, &made) == 1, let key = made, let certificate = X509_new()
    else { throw Failure() }
    defer {
      EVP_PKEY_free(key)
      X509_free(certificate)
    }
    // Version 2 is what X.509 calls version 3. Clocks of containers may lag behind by seconds.
    let day = 24 * 60 * 60
    guard X509_set_version(certificate, 2) == 1,
      ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), .random(in: 1 ... .max >> 1)) == 1,
      X509_gmtime_adj(X509_getm_notBefore(certificate), -60) != nil,
      X509_gmtime_adj(X509_getm_notAfter(certificate), 30 * day) != nil,
      X509_set_pubkey(certificate, key) == 1
    else { throw Failure() }
    let name = X509_get_subject_name(certificate)
    let host = Array("localhost".utf8)
    guard X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, host, Int32(host.count), -1, 0) == 1,
      X509_set_issuer_name(certificate, name) == 1
    else { throw Failure() }
    // Go's TLS reads names from the alternative names only.
    for (kind, text) in [
      (NID_subject_alt_name, "DNS:localhost"), (NID_basic_constraints, "critical,CA:TRUE"),
      (NID_key_usage, "critical,digitalSignature,keyEncipherment,keyCertSign"),
      (NID_ext_key_usage, "serverAuth,clientAuth"),
    ] {
      guard let field = X509V3_EXT_conf_nid(nil, nil, kind, text) else { throw Failure() }
      defer { X509_EXTENSION_free(field) }
      guard X509_add_ext(certificate, field, -1) == 1 else { throw Failure() }
    }
    guard X509_sign(certificate, key, EVP_sha256()) > 0 else { throw Failure() }
    self.certificate = try Self.encoded { i2d_X509(certificate, $0) }
    privateKey = try Self.encoded { i2d_PrivateKey(key, $0) }
  }

  /// Calls a DER writer of libcrypto twice, for the length and for the bytes.
  private static func encoded(
    _ write: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32
  ) throws(Failure) -> [UInt8] {
    let count = write(nil)
    guard count > 0 else { throw Failure() }
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, used in
      var position = buffer.baseAddress
      used = Int(write(&position))
    }
    return bytes
  }
}
