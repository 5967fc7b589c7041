import StackModel

/// JSON writes characters beyond U+FFFF as two escapes, `\ud83c\udf0d`; YAML knows just one, `\U0001F30D`.
enum SurrogateEscapes {
  /// The text with each pair written YAML's way, or nil when there is nothing to do.
  ///
  /// Only JSON is touched: in YAML the same letters may stand in single quotes and mean themselves.
  static func joined(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
    guard let first = bytes.first(where: { $0 > 0x20 }), "{[\"".utf8.contains(first) else { return nil }
    let pairs = bytes.indices.filter { pair(at: $0, in: bytes) != nil }
    guard !pairs.isEmpty, (try? JSONValue(parsing: bytes)) != nil else { return nil }
    var result: [UInt8] = []
    var index = bytes.startIndex
    while index < bytes.endIndex {
      if let value = pair(at: index, in: bytes) {
        let digits = String(value, radix: 16)
        result += "\\U".utf8
        result += Array(repeating: UInt8(ascii: "0"), count: 8 - digits.utf8.count)
        result += digits.utf8
        index += 12
      } else if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.endIndex {
        // `\\u` is a backslash and a letter.
        result += bytes[index...(index + 1)]
        index += 2
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return result
  }

  private static func pair(at index: Int, in bytes: ArraySlice<UInt8>) -> UInt32? {
    guard bytes[index] == UInt8(ascii: "\\"), index + 12 <= bytes.endIndex,
      let high = unit(at: index, in: bytes), 0xD800..<0xDC00 ~= high,
      let low = unit(at: index + 6, in: bytes), 0xDC00..<0xE000 ~= low
    else { return nil }
    return 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
  }

  private static func unit(at index: Int, in bytes: ArraySlice<UInt8>) -> UInt32? {
    guard bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") else { return nil }
    return UInt32(String(decoding: bytes[(index + 2)..<(index + 6)], as: UTF8.self), radix: 16)
  }
}
