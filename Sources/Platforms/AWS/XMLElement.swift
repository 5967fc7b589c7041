/// One element of a reply in AWS' query protocol: elements and text, no attribute that matters.
struct XMLElement: Sendable, Hashable {
  var name: String
  /// Its text, entities replaced; nothing between elements counts.
  var text = ""
  var children: [XMLElement] = []

  /// The first child of this name.
  subscript(name: String) -> XMLElement? { children.first { $0.name == name } }

  /// The texts or elements of a list such as `<Names><member>...</member></Names>`.
  func members(_ name: String) -> [XMLElement] { self[name]?.children.filter { $0.name == "member" } ?? [] }

  /// The first element of this name at any depth.
  func find(_ name: String) -> XMLElement? {
    if self.name == name { return self }
    for child in children {
      if let found = child.find(name) { return found }
    }
    return nil
  }
}

extension XMLElement {
  /// Nil for what is no such document.
  init?(parsing bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    var open: [XMLElement] = []
    var root: XMLElement?
    var rest = text[...]
    while let start = rest.firstIndex(of: "<") {
      if !open.isEmpty { open[open.count - 1].text += Self.unescaped(rest[..<start]) }
      rest = rest[rest.index(after: start)...]
      if rest.hasPrefix("!--") {
        guard let end = rest.firstRange(of: "-->") else { return nil }
        rest = rest[end.upperBound...]
        continue
      }
      guard let end = rest.firstIndex(of: ">") else { return nil }
      let tag = rest[..<end]
      rest = rest[rest.index(after: end)...]
      // A declaration.
      if tag.first == "?" { continue }
      // A document type could define entities, which no reply has.
      if tag.first == "!" { return nil }
      if tag.first == "/" {
        guard let done = open.popLast(), tag.dropFirst() == done.name else { return nil }
        close(done)
      } else {
        let element = XMLElement(name: String(tag.prefix { !$0.isWhitespace && $0 != "/" }))
        guard root == nil, open.count < 100 else { return nil }
        if tag.last == "/" { close(element) } else { open.append(element) }
      }
    }
    guard open.isEmpty, let whole = root else { return nil }
    self = whole

    func close(_ element: XMLElement) {
      var element = element
      if !element.children.isEmpty { element.text = "" }
      if open.isEmpty { root = element } else { open[open.count - 1].children.append(element) }
    }
  }

  private static func unescaped(_ text: Substring) -> String {
    guard text.contains("&") else { return String(text) }
    var result = ""
    var rest = text
    while let start = rest.firstIndex(of: "&") {
      result += rest[..<start]
      guard let end = rest[start...].firstIndex(of: ";") else { break }
      let name = rest[rest.index(after: start)..<end]
      result += entity(name) ?? "&\(name);"
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }

  private static func entity(_ name: Substring) -> String? {
    switch name {
    case "amp": return "&"
    case "lt": return "<"
    case "gt": return ">"
    case "quot": return "\""
    case "apos": return "'"
    default:
      guard name.first == "#" else { return nil }
      let digits = name.dropFirst()
      let value = digits.first == "x" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
      return value.flatMap { Unicode.Scalar($0) }.map { String($0) }
    }
  }
}
