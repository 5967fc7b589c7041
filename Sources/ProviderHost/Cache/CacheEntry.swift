import Digests

/// The form of one file: a line with a digest, and the bytes that it is of.
enum CacheEntry {
  private static let start = Array("stackjob-cache-1 ".utf8)
  private static let digestLength = 64

  static func file(with payload: [UInt8]) -> [UInt8] {
    start + Array("\(SHA256.digest(of: payload))\n".utf8) + payload
  }

  /// - Returns: nil when the file is not whole.
  static func payload(of file: [UInt8]) -> [UInt8]? {
    let headLength = start.count + digestLength + 1
    guard file.count >= headLength, file.starts(with: start), file[headLength - 1] == UInt8(ascii: "\n")
    else {
      return nil
    }
    let digest = String(decoding: file[start.count..<headLength - 1], as: UTF8.self)
    let payload = Array(file[headLength...])
    return SHA256.digest(of: payload) == digest ? payload : nil
  }
}
