import Digests
package import LocalFiles

#if canImport(Glibc)
  import Glibc
#endif

/// The digests of files, remembered from run to run by what the file system says of each file.
///
/// A provider's binary has hundreds of megabytes and changes when it is replaced, so that to hash it
/// at each command, as Terraform does, tells nothing new.
package struct FileDigests: Sendable {
  private let cache: ProviderCache
  /// Seconds since 1970; tests say what time it is.
  private let now: @Sendable () -> Int

  package init(cache: ProviderCache, now: @escaping @Sendable () -> Int = { time(nil) }) {
    self.cache = cache
    self.now = now
  }

  /// The SHA-256 of a file in hexadecimal.
  package func digest(of path: String) throws(FileError) -> String {
    let identity = try FileIdentity(of: path)
    let name = "file-\(SHA256.digest(of: Array(identity.text.utf8)))"
    if let known = cache.read(name), known.count == 64 { return String(decoding: known, as: UTF8.self) }
    let started = now()
    let digest = try SHA256.digest(ofFile: path)
    // A file that is written to in the very moment of its time stamp keeps that stamp, so a fresh one
    // proves nothing; nor does one that changed under our hands.
    if started - identity.newestChange > 1, try FileIdentity(of: path) == identity {
      // Without the note it will be hashed again, which is no failure.
      try? cache.write(name, Array(digest.utf8))
    }
    return digest
  }
}

/// What changes when the content of a file does.
struct FileIdentity: Equatable {
  var text: String
  /// The same without the time of the last change of the inode, which a new hard link changes too. Enough for a
  /// program that runs: the kernel lets nobody write to it.
  var runningText: String
  /// Seconds since 1970.
  var newestChange: Int

  init(of path: String) throws(FileError) {
    var info = stat()
    guard stat(path, &info) == 0 else { throw FileError("read", path) }
    newestChange = max(info.st_mtim.tv_sec, info.st_ctim.tv_sec)
    runningText = """
      \(info.st_dev) \(info.st_ino) \(info.st_size) \(info.st_mtim.tv_sec).\(info.st_mtim.tv_nsec)
      """
    text = "\(runningText) \(info.st_ctim.tv_sec).\(info.st_ctim.tv_nsec)"
  }
}
