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

  @Test func `a file that is created whole is never seen without its content`() async throws {
    let folder = "/tmp/stackjob-files-\(UInt64.random(in: 0 ... .max))"
    try LocalFiles.makeFolder(folder)
    defer { try? LocalFiles.removeTree(folder) }
    let path = "\(folder)/file"
    let seen = await withTaskGroup(of: String?.self) { group in
      for name in ["a", "b", "c", "d"] {
        group.addTask {
          let isFirst = (try? LocalFiles.add(path, with: Array(name.utf8))) != nil
          return isFirst ? nil : LocalFiles.text(path)
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    let content = try #require(LocalFiles.text(path))
    #expect(seen.filter { $0 == nil }.count == 1)
    #expect(seen.compactMap(\.self) == [content, content, content])
    #expect(try LocalFiles.list(folder) == ["file"])
  }

  @Test func `a full pipe that does not block is written to all the same`() async throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let (input, output) = (ends[0], ends[1])
    #expect(fcntl(output, F_SETFL, O_NONBLOCK) == 0)
    let bytes = [UInt8](repeating: 7, count: 1 << 20)
    let reader = Task.detached {
      var count = 0
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while case let got = read(input, &buffer, buffer.count), got > 0 { count += got }
      close(input)
      return count
    }
    try LocalFiles.write(bytes, to: output, path: "a pipe")
    close(output)
    #expect(await reader.value == bytes.count)
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

  @Test func `what finds no room is written once there is some, before what comes after it`() throws {
    try withFolder { folder in
      let full = open("/dev/full", O_WRONLY)
      try #require(full >= 0)
      defer { close(full) }
      var file = GrowingFile(descriptor: full, path: "a file", limit: 10)
      file.append(Array("one,".utf8))
      file.append(Array("two,".utf8))
      #expect(file.failure?.mayPass == true)
      let disk = open("\(folder)/f", O_WRONLY | O_CREAT, 0o600)
      try #require(disk >= 0 && dup2(disk, full) == full)
      close(disk)
      file.append(Array("three".utf8))
      #expect(file.failure == nil)
      #expect(LocalFiles.text("\(folder)/f") == "one,two,three")
      // More than may be kept: the file ends where it ends, and has no gap.
      let other = open("/dev/full", O_WRONLY)
      try #require(dup2(other, full) == full)
      close(other)
      for _ in 0..<4 { file.append(Array("late".utf8)) }
      let again = open("\(folder)/f", O_WRONLY | O_APPEND)
      try #require(again >= 0 && dup2(again, full) == full)
      close(again)
      file.append(Array("last".utf8))
      file.flush()
      #expect(LocalFiles.text("\(folder)/f") == "one,two,three")
      #expect(file.failure != nil)
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
