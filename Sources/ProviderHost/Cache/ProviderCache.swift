import Digests
package import LocalFiles

#if canImport(Glibc)
  import Glibc
#endif

/// What was learnt about providers, kept in files for the next run.
///
/// Any number of processes may use one folder, and each of them may be killed at any moment: an entry
/// is written beside its place and renamed, and carries a digest that is checked whenever it is read.
/// An entry that is damaged, or made with a key that is gone, counts as missing and is removed.
package final class ProviderCache: Sendable {
  package let folder: String
  private let key: [UInt8]
  private let limit: Int
  private let sweeper: CacheSweeper

  /// - Parameters:
  ///   - folder: made when it is not there, for its owner alone.
  ///   - limit: how many bytes the entries may take together; the ones used longest ago go first.
  package init(folder: String, limit: Int = 256 << 20) throws(FileError) {
    self.folder = folder
    self.limit = limit
    sweeper = CacheSweeper(folder: folder, limit: limit)
    try LocalFiles.makeFolder(folder)
    key = try Self.key(in: folder)
  }

  // MARK: Entries that anybody may read

  /// - Parameter name: letters, digits, `-` and `.` only.
  package func read(_ name: String) -> [UInt8]? {
    let path = path(name)
    guard let file = try? LocalFiles.read(path) else { return nil }
    guard let payload = CacheEntry.payload(of: file) else {
      try? LocalFiles.remove(path)
      return nil
    }
    sweeper.use(path)
    return payload
  }

  package func write(_ name: String, _ payload: [UInt8]) throws(FileError) {
    // Larger than everything may be together: it would only push the others out.
    guard payload.count < limit else { return }
    try LocalFiles.replace(path(name), with: CacheEntry.file(with: payload), durably: false)
    sweeper.wrote()
  }

  package func remove(_ name: String) { try? LocalFiles.remove(path(name)) }

  // MARK: Entries for those who know the question

  /// Reads what was stored under a question that may itself hold secrets.
  ///
  /// Neither the name of the file nor its bytes tell anything of question and answer, not even to
  /// somebody with the folder's key who does not know the question.
  package func read(_ kind: String, question: CacheQuestion) -> [UInt8]? {
    let name = name(kind, question)
    guard let sealed = read(name) else { return nil }
    guard let payload = SealedBytes.open(sealed, key: sealingKey(question)) else {
      remove(name)
      return nil
    }
    return payload
  }

  package func write(_ kind: String, question: CacheQuestion, _ payload: [UInt8]) throws(FileError) {
    try write(name(kind, question), SealedBytes.seal(payload, key: sealingKey(question)))
  }

  private func name(_ kind: String, _ question: CacheQuestion) -> String {
    "\(kind)-\(Hex.text(HMAC.sha256([0] + question.bytes, key: key)))"
  }

  private func sealingKey(_ question: CacheQuestion) -> [UInt8] {
    HMAC.sha256([1] + question.bytes, key: key)
  }

  private func path(_ name: String) -> String { "\(folder)/\(name)" }

  // MARK: The key

  private static func key(in folder: String) throws(FileError) -> [UInt8] {
    let path = "\(folder)/\(CacheSweeper.keyName)"
    for _ in 0..<2 {
      if let key = try? LocalFiles.read(path) {
        if key.count == 32 { return key }
        // Cut off by a power cut. What was sealed with it cannot be read any more, which is all.
        try LocalFiles.remove(path)
      }
      do throws(FileError) { try LocalFiles.add(path, with: RandomToken.bytes(32)) } catch {
        guard error.alreadyExists else { throw error }
      }
    }
    let key = try LocalFiles.read(path)
    guard key.count == 32 else { throw FileError("read", path, code: EIO) }
    return key
  }
}

/// What an answer depends on, all parts of it.
package struct CacheQuestion: Sendable {
  fileprivate let bytes: [UInt8]

  package init(_ parts: [some Collection<UInt8>]) {
    var bytes: [UInt8] = []
    for part in parts {
      // With their lengths, so that no two lists of parts are the same bytes.
      withUnsafeBytes(of: UInt64(part.count).littleEndian) { bytes.append(contentsOf: $0) }
      bytes.append(contentsOf: part)
    }
    self.bytes = bytes
  }
}
