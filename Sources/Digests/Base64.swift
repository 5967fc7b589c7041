import COpenSSL

package enum Base64 {
  /// Standard base64 with padding, on one line.
  package static func text(_ bytes: some Sequence<UInt8>) -> String {
    let input = Array(bytes)
    // libcrypto writes four characters for each three bytes begun, and a NUL.
    var output = [UInt8](repeating: 0, count: (input.count + 2) / 3 * 4 + 1)
    let count = EVP_EncodeBlock(&output, input, Int32(input.count))
    return String(decoding: output.prefix(Int(count)), as: UTF8.self)
  }
}
