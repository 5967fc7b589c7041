package import LocalFiles
package import StackModel

/// The versions of one stack's state, each a file that is never changed once it is there.
package struct StateStore: Sendable {
  package struct Version: Sendable, Hashable {
    /// Counts up by one with every snapshot.
    package var number: Int
    package var path: String
  }

  package struct Snapshot: Sendable {
    package var version: Version
    package var bytes: [UInt8]
    package var serial: Int
    package var lineage: String
  }

  /// How many versions are kept; the oldest go first.
  package static let retained = 100

  private let folder: String

  package init(_ folder: StackFolder) { self.folder = folder.states }

  /// All versions, oldest first.
  package func versions() -> [Version] {
    ((try? LocalFiles.list(folder)) ?? []).compactMap { name in
      guard name.hasSuffix(".tfstate"), let number = Int(name.dropLast(".tfstate".count)) else {
        return nil
      }
      return Version(number: number, path: "\(folder)/\(name)")
    }.sorted { $0.number < $1.number }
  }

  /// The newest version that is whole, or nil for a stack that has no state.
  package func newest() throws(FileError) -> Snapshot? {
    guard let version = versions().last else { return nil }
    return try read(version)
  }

  package func read(_ version: Version) throws(FileError) -> Snapshot {
    let bytes = try LocalFiles.read(version.path)
    let json = try? JSONValue(parsing: bytes)
    return Snapshot(
      version: version,
      bytes: bytes,
      serial: json?["serial"]?.int ?? 0,
      lineage: json?["lineage"]?.string ?? ""
    )
  }

  /// Adds a snapshot; when this returns it is on disk for good.
  package func add(_ bytes: [UInt8]) throws(FileError) -> Snapshot {
    try LocalFiles.makeFolder(folder)
    let existing = versions()
    let number = (existing.last?.number ?? 0) + 1
    let digits = String(number)
    let name = String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    let path = "\(folder)/\(name).tfstate"
    try LocalFiles.replace(path, with: bytes)
    for old in existing.dropLast(Self.retained - 1) { try? LocalFiles.remove(old.path) }
    return try read(Version(number: number, path: path))
  }
}

extension StateStore.Snapshot {
  /// The outputs that the state holds.
  package var outputs: [StackOutput] {
    let json = try? JSONValue(parsing: bytes)
    return (json?["outputs"]?.object ?? [:]).map { name, value in
      StackOutput(
        name: name,
        value: value["value"] ?? .null,
        isSensitive: value["sensitive"]?.bool ?? false
      )
    }
  }

  /// How many resources the state holds, data sources left out.
  package var resourceCount: Int {
    let json = try? JSONValue(parsing: bytes)
    return (json?["resources"]?.array ?? [])
      .filter { $0["mode"]?.string == "managed" }
      .reduce(0) { $0 + ($1["instances"]?.array?.count ?? 0) }
  }
}
