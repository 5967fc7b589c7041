/// `HOST:PORT`, with an IPv6 address in brackets or without.
struct ListenAddress {
  let host: String
  let port: Int

  init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
      return nil
    }
    host = text[..<colon].filter { $0 != "[" && $0 != "]" }
    self.port = Int(port)
    guard !host.isEmpty else { return nil }
  }
}
