import Digests
package import LocalFiles

#if canImport(Glibc)
  import Glibc
#endif

/// Terraform's own digest of an unpacked provider package, the `h1:` of lock files.
package enum PackageHash {
  /// - Parameter digest: gives the SHA-256 of a file in hexadecimal.
  package static func h1(
    of folder: String,
    digest: (String) throws(FileError) -> String
  ) throws(FileError) -> String {
    let root = LocalFiles.absolute(folder)
    var digests: [String: String] = [:]
    for name in try files(in: root, below: "") { digests[name] = try digest("\(root)/\(name)") }
    return h1(of: digests)
  }

  /// - Parameter digests: the SHA-256 of each file by its path in the package.
  package static func h1(of digests: [String: String]) -> String {
    let hash = SHA256()
    // By bytes, as Go sorts; Swift's own order of strings is another beyond ASCII.
    for name in digests.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      hash.update(Array("\(digests[name] ?? "")  \(name)\n".utf8))
    }
    return "h1:\(Base64.text(hash.finishBytes()))"
  }

  /// Every file below a folder, links to files included and links to folders not followed, as Go's
  /// walk does it.
  private static func files(in root: String, below folder: String) throws(FileError) -> [String] {
    var found: [String] = []
    for name in try LocalFiles.list("\(root)/\(folder)") {
      let path = "\(folder)\(name)"
      // The list of names would mean two things; Terraform refuses such a package as well.
      guard !path.utf8.contains(UInt8(ascii: "\n")) else {
        throw FileError("hash", "\(root)/\(path)", code: EILSEQ)
      }
      var info = stat()
      guard lstat("\(root)/\(path)", &info) == 0 else { throw FileError("read", "\(root)/\(path)") }
      if info.st_mode & S_IFMT == S_IFDIR {
        found += try files(in: root, below: "\(path)/")
      } else {
        found.append(path)
      }
    }
    return found
  }
}
