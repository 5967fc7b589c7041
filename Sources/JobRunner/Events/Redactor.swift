package import StackModel

/// Masks secret values in everything that leaves the process.
///
/// A value is known in the forms in which tools repeat it: as it is, JSON-escaped, base64, URL and
/// shell quoted. A value of several lines is also known line by line, because output arrives so.
package struct Redactor: Sendable {
  /// Shorter values are not masked: they would hit innocent text everywhere and hide nothing.
  package static let minimumLength = 4

  /// A list for each first byte, longest first, so that a value that contains another is masked whole.
  private let patterns: [[[UInt8]]]
  /// Whether there is a pattern that begins with a byte: asked of every byte of every text.
  private let isFirst: [Bool]
  package let isEmpty: Bool
  private static let mask = Array(Secret.mask.utf8)

  package init(secrets: some Sequence<Secret>) {
    var forms: Set<[UInt8]> = []
    for secret in secrets {
      for form in SecretForms.all(of: secret.reveal()) where form.count >= Self.minimumLength {
        forms.insert(form)
      }
    }
    var patterns = [[[UInt8]]](repeating: [], count: 256)
    for form in forms.sorted(by: { $0.count > $1.count }) { patterns[Int(form[0])].append(form) }
    self.patterns = patterns
    isFirst = patterns.map { !$0.isEmpty }
    isEmpty = forms.isEmpty
  }

  package func redact(_ text: String) -> String {
    guard !isEmpty else { return text }
    var text = text
    guard let masked = text.withUTF8({ self.masked(in: $0) }) else { return text }
    return String(decoding: masked, as: UTF8.self)
  }

  /// The bytes with secrets masked, or nil when there is none in them.
  private func masked(in bytes: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    var result: [UInt8] = []
    var copied = 0
    var position = 0
    while position < bytes.count {
      guard isFirst[Int(bytes[position])],
        let hit = patterns[Int(bytes[position])].first(where: { bytes[position...].starts(with: $0) })
      else {
        position += 1
        continue
      }
      result += bytes[copied..<position]
      result += Self.mask
      position += hit.count
      copied = position
    }
    guard copied > 0 else { return nil }
    result += bytes[copied...]
    return result
  }

  package func redact(_ value: JSONValue) -> JSONValue {
    guard !isEmpty else { return value }
    switch value {
    case .null, .bool: return value
    case .number(let text):
      let masked = redact(text)
      return masked == text ? value : .string(masked)
    case .string(let text): return .string(redact(text))
    case .array(let elements): return .array(elements.map(redact))
    case .object(let object):
      return .object(JSONObject(object.map { (redact($0.key), redact($0.value)) }))
    }
  }
}

/// The texts in which one secret may show up.
enum SecretForms {
  static func all(of secret: String) -> [[UInt8]] {
    var texts = [secret]
    let lines = secret.split(whereSeparator: \.isNewline).map(String.init)
    if lines.count > 1 { texts += lines.filter { $0.utf8.count >= 8 } }
    return texts.flatMap { text in
      [Array(text.utf8), jsonEscaped(text), goEscaped(text), shellQuoted(text)] + percentEncoded(text)
        + base64Windows(Array(text.utf8))
    }
  }

  private static func jsonEscaped(_ text: String) -> [UInt8] {
    Array(JSONValue.string(text).bytes().dropFirst().dropLast())
  }

  /// Go's JSON writer, which Terraform uses, also escapes `<`, `>` and `&`.
  private static func goEscaped(_ text: String) -> [UInt8] {
    jsonEscaped(text).flatMap { byte -> [UInt8] in
      switch byte {
      case UInt8(ascii: "<"): Array(#"\u003c"#.utf8)
      case UInt8(ascii: ">"): Array(#"\u003e"#.utf8)
      case UInt8(ascii: "&"): Array(#"\u0026"#.utf8)
      default: [byte]
      }
    }
  }

  /// As a parameter, with upper and lower case digits; as a path; as a form's value.
  private static func percentEncoded(_ text: String) -> [[UInt8]] {
    let form = percentEncoded(text, keeping: " ").map { $0 == UInt8(ascii: " ") ? UInt8(ascii: "+") : $0 }
    return [
      percentEncoded(text, keeping: ""), percentEncoded(text, keeping: "", digits: "0123456789abcdef"),
      percentEncoded(text, keeping: "/"), percentEncoded(text, keeping: "$&+:=@"), form,
    ]
  }

  private static func percentEncoded(
    _ text: String,
    keeping kept: String,
    digits: String = "0123456789ABCDEF"
  ) -> [UInt8] {
    let digits = Array(digits.utf8)
    return text.utf8.flatMap { byte -> [UInt8] in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        [byte]
      case _ where kept.utf8.contains(byte): [byte]
      default: [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
  }

  private static func shellQuoted(_ text: String) -> [UInt8] {
    text.utf8.flatMap { $0 == UInt8(ascii: "'") ? Array(#"'\''"#.utf8) : [$0] }
  }

  /// The base64 of a text that stands alone or inside a longer one: three alignments, each without
  /// the characters that its neighbours have a part in.
  private static func base64Windows(_ bytes: [UInt8]) -> [[UInt8]] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    let windows = (0..<3).map { shift -> [UInt8] in
      let padded = Array(repeating: 0, count: shift) + bytes
      var encoded: [UInt8] = []
      for bit in stride(from: 0, to: padded.count * 8 / 6 * 6, by: 6) {
        let high = UInt16(padded[bit / 8]) << 8
        let low = bit / 8 + 1 < padded.count ? UInt16(padded[bit / 8 + 1]) : 0
        encoded.append(alphabet[Int((high | low) >> UInt16(10 - bit % 8) & 63)])
      }
      let leading = shift == 0 ? 0 : shift + 1
      let window = Array(encoded.dropFirst(leading))
      // A short window is too likely to be something else.
      return window.count >= 8 ? window : []
    }
    // The second alphabet of RFC 4648, which is safe in URLs and file names.
    return windows
      + windows.map { window in
        window.map {
          $0 == UInt8(ascii: "+") ? UInt8(ascii: "-") : $0 == UInt8(ascii: "/") ? UInt8(ascii: "_") : $0
        }
      }
  }
}
