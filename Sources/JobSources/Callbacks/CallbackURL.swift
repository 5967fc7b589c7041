/// An address that a job wants to be told at, taken apart so that it can be compared with what is allowed.
///
/// Whatever two readers of addresses might understand differently is refused: what is compared here must be what libcurl
/// calls.
package struct CallbackURL: Sendable, Equatable {
  /// `https` or `http`.
  package let scheme: String
  /// In lower case.
  package let host: String
  package let port: Int
  /// Begins with a slash.
  package let path: String
  package let query: String?

  package init?(_ text: String) {
    let isPlain = text.utf8.allSatisfy { byte in
      byte > 0x20 && byte < 0x7F && !#""<>\^`{|}"#.utf8.contains(byte)
    }
    guard isPlain, text.utf8.count <= 2000, let mark = text.firstRange(of: "://") else { return nil }
    scheme = text[..<mark.lowerBound].lowercased()
    guard scheme == "https" || scheme == "http" else { return nil }
    let rest = text[mark.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let tail = rest[authority.endIndex...]
    guard !authority.contains("@"), !tail.contains("#") else { return nil }
    guard let (host, port) = Self.split(authority, default: scheme == "https" ? 443 : 80) else { return nil }
    self.host = host
    self.port = port
    let path = tail.prefix { $0 != "?" }
    query = path.endIndex == tail.endIndex ? nil : String(tail[tail.index(after: path.endIndex)...])
    self.path = path.isEmpty ? "/" : String(path)
    let lower = self.path.lowercased()
    guard !self.path.split(separator: "/").contains(where: { $0 == "." || $0 == ".." }),
      !["%2e", "%2f", "%5c"].contains(where: { lower.contains($0) })
    else { return nil }
  }

  private static func split(_ authority: Substring, default port: Int) -> (host: String, port: Int)? {
    var host = authority
    var number: Substring?
    if authority.first == "[" {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      host = authority[...end]
      let rest = authority[authority.index(after: end)...]
      guard rest.isEmpty || rest.first == ":" else { return nil }
      if !rest.isEmpty { number = rest.dropFirst() }
    } else if let colon = authority.firstIndex(of: ":") {
      host = authority[..<colon]
      number = authority[authority.index(after: colon)...]
    }
    let isName = host.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
        true
      case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ":"): authority.first == "["
      default: false
      }
    }
    guard !host.isEmpty, isName else { return nil }
    guard let number else { return (host.lowercased(), port) }
    guard let value = UInt16(number), value > 0 else { return nil }
    return (host.lowercased(), Int(value))
  }

  package var text: String {
    "\(scheme)://\(host):\(port)\(path)\(query.map { "?\($0)" } ?? "")"
  }

  /// Whether the other one is this one or below it: of the same host and port, and with a path that begins with all parts
  /// of this one's.
  package func covers(_ other: CallbackURL) -> Bool {
    guard scheme == other.scheme, host == other.host, port == other.port else { return false }
    if path.hasSuffix("/") { return other.path.hasPrefix(path) }
    return other.path == path || other.path.hasPrefix(path + "/")
  }
}

/// Where a worker may call, and with which secret it signs what it says there.
package struct CallbackRule: Sendable {
  package var prefix: CallbackURL
  package var secretFile: String?

  package init(prefix: CallbackURL, secretFile: String?) {
    self.prefix = prefix
    self.secretFile = secretFile
  }
}
