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
    /// False when the file is empty, cut short or no state at all. Terraform takes an empty answer for
    /// a stack without resources and would make all of them a second time.
    package var isWhole: Bool
  }

  /// How many versions are kept; the oldest go first.
  package static let retained = 100

  private let folder: String

  package init(_ folder: StackFolder) { self.folder = folder.states }

  /// All versions, oldest first; none for a stack that has no state.
  ///
  /// A folder that cannot be read is an error and not an empty one: whoever took it for empty would
  /// make everything a second time.
  package func versions() throws(FileError) -> [Version] {
    let names: [String]
    do throws(FileError) {
      names = try LocalFiles.list(folder)
    } catch {
      guard error.isMissing else { throw error }
      return []
    }
    return names.compactMap { name in
      // At most 18 digits, so that there always is a next number.
      guard name.hasSuffix(".tfstate"), name.utf8.count <= 18 + ".tfstate".utf8.count,
        let number = Int(name.dropLast(".tfstate".count)), number > 0
      else { return nil }
      return Version(number: number, path: "\(folder)/\(name)")
    }.sorted { $0.number < $1.number }
  }

  /// The newest version, whole or not, or nil for a stack that has no state.
  package func newest() throws(FileError) -> Snapshot? {
    guard let version = try versions().last else { return nil }
    return try read(version)
  }

  package func read(_ version: Version) throws(FileError) -> Snapshot {
    let bytes = try LocalFiles.read(version.path)
    let json = try? JSONValue(parsing: bytes)
    return Snapshot(
      version: version,
      bytes: bytes,
      serial: json?["serial"]?.int ?? 0,
      lineage: json?["lineage"]?.string ?? "",
      isWhole: StateService.isState(json)
    )
  }

  /// Adds a snapshot; when this returns it is on disk for good.
  package func add(_ bytes: [UInt8]) throws(FileError) -> Snapshot {
    try LocalFiles.makeFolder(folder, durably: true)
    let existing = try versions()
    let number = (existing.last?.number ?? 0) + 1
    let digits = String(number)
    let name = String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    let path = "\(folder)/\(name).tfstate"
    try LocalFiles.add(path, with: bytes)
    for old in existing.dropLast(Self.retained - 1) { try? LocalFiles.remove(old.path) }
    return try read(Version(number: number, path: path))
  }
}

extension StateStore {
  /// Why nothing may be done on the newest state; nil when it is whole or there is none.
  package func fault() throws(FileError) -> (summary: String, detail: String)? {
    guard let newest = try newest(), !newest.isWhole else { return nil }
    let earlier = try versions().dropLast().last
    return (
      "The newest state of the stack is damaged",
      "\(newest.version.path) is no whole state document. "
        + (earlier.map { "If \($0.path) is right, move the damaged file away to go on from that one." }
          ?? "It is the only version: put a copy of the state in its place.")
    )
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
}
