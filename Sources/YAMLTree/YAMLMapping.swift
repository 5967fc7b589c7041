package import StackModel

/// The entries of a YAML mapping, in the order they were written.
package struct YAMLMapping: Sendable {
  package struct Entry: Sendable {
    package var key: String
    package var keyLocation: SourceLocation
    package var value: YAMLNode

    package init(key: String, at keyLocation: SourceLocation, value: YAMLNode) {
      self.key = key
      self.keyLocation = keyLocation
      self.value = value
    }
  }

  package private(set) var entries: [Entry] = []
  /// Built once a mapping is too large for a scan to be quicker.
  private var positions: [String: Int]?
  private static let scanLimit = 16

  package init() {}

  package var keys: [String] { entries.map(\.key) }
  package var isEmpty: Bool { entries.isEmpty }
  package var count: Int { entries.count }

  private func position(of key: String) -> Int? {
    if let positions { return positions[key] }
    return entries.firstIndex { $0.key == key }
  }

  package func entry(_ key: String) -> Entry? { position(of: key).map { entries[$0] } }

  package subscript(key: String) -> YAMLNode? { position(of: key).map { entries[$0].value } }

  /// Puts an entry at the end, or in the place of the one with the same key.
  package mutating func set(_ entry: Entry) {
    if let position = position(of: entry.key) {
      entries[position] = entry
      return
    }
    entries.append(entry)
    if positions != nil {
      positions?[entry.key] = entries.count - 1
    } else if entries.count > Self.scanLimit {
      positions = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.key, $0) })
    }
  }

  package mutating func set(_ key: String, to value: YAMLNode) {
    set(Entry(key: key, at: entry(key)?.keyLocation ?? value.location, value: value))
  }

  package mutating func remove(_ key: String) {
    guard let position = position(of: key) else { return }
    entries.remove(at: position)
    positions = nil
    if entries.count > Self.scanLimit {
      positions = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.key, $0) })
    }
  }
}
