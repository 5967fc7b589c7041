import LocalFiles
package import StackModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// The service that the sandbox stands for: a JSON file with every resource that exists.
///
/// Several providers, each a process of its own, may share one file. Each step reads it, changes it
/// and replaces it under a lock of the file system, so that what one of them does the others see.
package final class SandboxStore: Sendable {
  package let path: String
  /// Keeps threads of this process apart; the file lock keeps processes apart.
  private let gate = Mutex(())

  package init(path: String) { self.path = path }

  /// What the file holds.
  package struct Contents: Sendable, Equatable {
    var document: JSONValue

    init(_ document: JSONValue) { self.document = document }

    static var empty: Contents {
      Contents([
        "sandbox": "Made by terraform-provider-sandbox. Nothing in this file exists anywhere else.",
        "counters": [:], "resources": [:],
      ])
    }

    private func member(_ place: [String]) -> JSONValue? {
      var value: JSONValue? = document
      for step in place { value = value?.object?[step] }
      return value
    }

    private static func replacing(_ value: JSONValue?, _ place: ArraySlice<String>, with new: JSONValue?)
      -> JSONValue?
    {
      guard let step = place.first else { return new }
      var object = value?.object ?? JSONObject()
      object[step] = replacing(object[step], place.dropFirst(), with: new)
      return .object(object)
    }

    /// A resource by provider, type and id. Setting nil removes it.
    package subscript(provider: String, type: String, id: String) -> JSONValue? {
      get { member(["resources", provider, type, id]) }
      set {
        document = Self.replacing(document, ["resources", provider, type, id], with: newValue) ?? document
      }
    }

    /// The next number of a name.
    package mutating func next(_ name: String, from start: Int) -> Int {
      let number = member(["counters", name])?.int ?? start
      document = Self.replacing(document, ["counters", name], with: .int(number + 1)) ?? document
      return number
    }
  }

  /// Looks at or changes the contents; a change is on disk when this returns.
  package func update<Result>(_ body: (inout Contents) throws -> Result) throws -> Result {
    try gate.withLock { _ in
      let lock = try lockedFile()
      defer { close(lock) }
      var contents = try read()
      let before = contents
      let result = try body(&contents)
      if contents != before { try LocalFiles.replace(path, with: contents.document.bytes(.pretty)) }
      return result
    }
  }

  private func read() throws -> Contents {
    do { return Contents(try JSONValue(parsing: try LocalFiles.read(path))) } catch let error as FileError
      where error.isMissing
    { return .empty }
  }

  /// A file of its own carries the lock: the one that holds the contents is replaced by each change.
  private func lockedFile() throws(FileError) -> Int32 {
    try LocalFiles.makeFolder(LocalFiles.parent(of: path))
    let name = "\(path).lock"
    let descriptor = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileError("create", name) }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else {
        let error = FileError("lock", name)
        close(descriptor)
        throw error
      }
    }
    return descriptor
  }
}
