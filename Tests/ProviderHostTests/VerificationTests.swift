import Digests
import LocalFiles
import ProviderHost
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Verification of providers")
struct VerificationTests {
  /// What `terraform init` writes into the lock file for such a package.
  private let known = "h1:Ck19+bVccjVvfA0Hd5EycddULEnkwQWo7Fpb1MIhTvA="

  private func package(in folder: String) throws -> String {
    let package = "\(folder)/package"
    try LocalFiles.makeFolder("\(package)/docs")
    try LocalFiles.replace("\(package)/terraform-provider-x", with: Array("binary\n".utf8))
    try LocalFiles.replace("\(package)/README.md", with: Array("read me\n".utf8))
    try LocalFiles.replace("\(package)/docs/é.txt", with: [])
    try LocalFiles.replace("\(package)/docs/z.txt", with: [0, 255])
    return package
  }

  @Test("The hash of a package is Terraform's")
  func knownHash() async throws {
    try await Scratch.folder { folder in
      let hash = try PackageHash.h1(of: package(in: folder)) { path throws(FileError) in
        try SHA256.digest(ofFile: path)
      }
      #expect(hash == known)
    }
  }

  @Test("A link to the folder is followed, one in it that leads to a folder is an error")
  func links() async throws {
    try await Scratch.folder { folder in
      let package = try package(in: folder)
      symlink(package, "\(folder)/link")
      let digest = { (path: String) throws(FileError) in try SHA256.digest(ofFile: path) }
      #expect(try PackageHash.h1(of: "\(folder)/link", digest: digest) == known)
      symlink("/tmp", "\(package)/elsewhere")
      #expect(throws: FileError.self) { try PackageHash.h1(of: package, digest: digest) }
    }
  }

  @Test("A digest is remembered until the file is another")
  func remembered() async throws {
    try await Scratch.folder { folder in
      let path = "\(folder)/binary"
      let cache = try ProviderCache(folder: "\(folder)/cache")
      // A day later, so that the file's time stamps are old.
      let digests = FileDigests(cache: cache, now: { time(nil) + 86_400 })
      try LocalFiles.replace(path, with: Array("one".utf8))
      let one = try digests.digest(of: path)
      let kept = try LocalFiles.list("\(folder)/cache").filter { $0.hasPrefix("file-") }
      try #require(kept.count == 1)
      // What the note says is what is taken: the proof that the file is not read again.
      try cache.write(kept[0], Array(String(repeating: "f", count: 64).utf8))
      #expect(try digests.digest(of: path) == String(repeating: "f", count: 64))
      try LocalFiles.replace(path, with: Array("two".utf8))
      let two = try digests.digest(of: path)
      #expect(one == SHA256.digest(of: Array("one".utf8)) && two == SHA256.digest(of: Array("two".utf8)))
    }
  }

  @Test("A file that was written a moment ago is not remembered: its next change may have the same stamp")
  func racy() async throws {
    try await Scratch.folder { folder in
      let path = "\(folder)/binary"
      try LocalFiles.replace(path, with: [1])
      var info = stat()
      try #require(stat(path, &info) == 0)
      let written = info.st_ctim.tv_sec
      let cache = try ProviderCache(folder: "\(folder)/cache")
      _ = try FileDigests(cache: cache, now: { written + 1 }).digest(of: path)
      #expect(try LocalFiles.list("\(folder)/cache") == ["key"])
    }
  }

  @Test("A package is held against the lock")
  func verification() async throws {
    try await Scratch.folder { folder in
      let verification = ProviderVerification(
        digests: FileDigests(cache: try ProviderCache(folder: "\(folder)/cache"))
      )
      let package = ProviderVerification.Package(
        source: "registry.terraform.io/hashicorp/x",
        version: "1.0.0",
        folder: try package(in: folder),
        root: ".terraform/providers"
      )
      func verify(_ lines: String, version: String = "1.0.0") throws -> ProviderVerification.Result {
        let lock = try DependencyLock(
          parsing: """
            provider "registry.terraform.io/hashicorp/x" {
              version = "\(version)"
              \(lines)
            }
            """
        )
        return try verification.verify(package, against: lock)
      }
      #expect(try verify("hashes = [\n\"h1:other=\",\n\"\(known)\",\n]") == .ok(hash: known))
      #expect(
        try verify("hashes = [\n\"h1:other=\",\n\"zh:00\",\n]")
          == .mismatch(
            "registry.terraform.io/hashicorp/x: the cached package for registry.terraform.io/hashicorp/x 1.0.0 "
              + "(in .terraform/providers) does not match any of the checksums recorded in the dependency lock file"
          )
      )
      guard case .mismatch(let text) = try verify("", version: "2.0.0") else {
        Issue.record("another version is another package")
        return
      }
      #expect(text.contains("there is no package for registry.terraform.io/hashicorp/x 2.0.0 cached in"))
      for lines in ["", "hashes = [\n\"zh:00\",\n]"] {
        guard case .notVerifiable = try verify(lines) else {
          Issue.record("without an h1: hash nothing can be said")
          return
        }
      }
    }
  }
}
