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

  /// The bytes of standard base64 with padding, in which white space does not count; nil for anything else.
  package static func bytes(_ text: String) -> [UInt8]? {
    let input = text.utf8.filter { !" \t\r\n".utf8.contains($0) }
    guard input.count.isMultiple(of: 4) else { return nil }
    guard !input.isEmpty else { return [] }
    let padding = input.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    guard padding < 3 else { return nil }
    var output = [UInt8](repeating: 0, count: input.count / 4 * 3)
    let count = EVP_DecodeBlock(&output, input, Int32(input.count))
    guard count >= 0 else { return nil }
    // libcrypto counts what the padding stands for as zeros.
    return Array(output.prefix(Int(count) - padding))
  }
}
