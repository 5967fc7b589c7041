import LocalFiles
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct LocalFilesTests {
  /// A folder that is gone after the test.
  private func withFolder(_ body: (String) throws -> Void) throws {
    let path = "/tmp/stackjob-files-\(UInt64.random(in: 0 ... .max))"
    try LocalFiles.makeFolder(path)
    defer { try? LocalFiles.removeTree(path) }
    try body(path)
  }

  @Test func `replacing leaves the new bytes, the asked mode and nothing else`() throws {
    try withFolder { folder in
      let path = "\(folder)/file"
      try LocalFiles.replace(path, with: Array("one".utf8))
      try LocalFiles.replace(path, with: Array("two".utf8))
      #expect(LocalFiles.text(path) == "two")
      #expect(try LocalFiles.list(folder) == ["file"])
      var info = stat()
      #expect(stat(path, &info) == 0)
      #expect(info.st_mode & 0o777 == 0o600)
    }
  }

  @Test func `a replacement that fails leaves the old bytes`() throws {
    try withFolder { folder in
      let path = "\(folder)/taken"
      try LocalFiles.makeFolder("\(path)/inside")
      #expect(throws: FileError.self) { try LocalFiles.replace(path, with: [1]) }
      #expect(try LocalFiles.list(folder) == ["taken"])
    }
  }

  @Test func `of two that create a file one succeeds`() throws {
    try withFolder { folder in
      try LocalFiles.create("\(folder)/f", with: [1])
      let error = #expect(throws: FileError.self) { try LocalFiles.create("\(folder)/f", with: [2]) }
      #expect(error?.alreadyExists == true)
      #expect(try LocalFiles.read("\(folder)/f") == [1])
    }
  }

  @Test func `a file that is added is whole, and takes nobody's place`() throws {
    try withFolder { folder in
      try LocalFiles.add("\(folder)/f", with: Array("first".utf8))
      let error = #expect(throws: FileError.self) { try LocalFiles.add("\(folder)/f", with: [2]) }
      #expect(error?.alreadyExists == true)
      #expect(LocalFiles.text("\(folder)/f") == "first")
      #expect(try LocalFiles.list(folder) == ["f"])
    }
  }

  @Test func `errors say what was tried on which path`() {
    let error = #expect(throws: FileError.self) { try LocalFiles.read("/nonexistent/x") }
    #expect(error?.description == "cannot read /nonexistent/x: No such file or directory")
  }

  @Test func `removing a tree follows no links`() throws {
    try withFolder { folder in
      try LocalFiles.makeFolder("\(folder)/kept")
      try LocalFiles.create("\(folder)/kept/f", with: [1])
      try LocalFiles.makeFolder("\(folder)/gone/deep")
      symlink("\(folder)/kept", "\(folder)/gone/link")
      try LocalFiles.removeTree("\(folder)/gone")
      #expect(try LocalFiles.list(folder) == ["kept"])
      #expect(try LocalFiles.list("\(folder)/kept") == ["f"])
    }
  }

  @Test(arguments: [("/a/b", "/a"), ("/a", "/"), ("a", "."), ("a/b/c", "a/b")])
  func `the parent of a path`(path: String, parent: String) {
    #expect(LocalFiles.parent(of: path) == parent)
  }
}
