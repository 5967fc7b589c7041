import LocalFiles
import ProviderHost
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Cache folder")
struct ProviderCacheTests {
  private let question = CacheQuestion([Array("request".utf8), Array("hunter2".utf8)])

  @Test("An entry is read back by another object on the same folder")
  func roundTrip() async throws {
    try await Scratch.folder { folder in
      let cache = try ProviderCache(folder: "\(folder)/cache")
      try cache.write("a", [1, 2, 3])
      try cache.write("empty", [])
      try cache.write("valid", question: question, Array("answer".utf8))
      let other = try ProviderCache(folder: "\(folder)/cache")
      #expect(other.read("a") == [1, 2, 3])
      #expect(other.read("empty") == [])
      #expect(other.read("none") == nil)
      #expect(other.read("valid", question: question) == Array("answer".utf8))
      #expect(other.read("other", question: question) == nil)
    }
  }

  @Test("Parts that join to the same bytes are different questions")
  func questions() async throws {
    try await Scratch.folder { folder in
      let cache = try ProviderCache(folder: "\(folder)/cache")
      try cache.write("valid", question: CacheQuestion([[1, 2], [3]]), [9])
      #expect(cache.read("valid", question: CacheQuestion([[1], [2, 3]])) == nil)
      #expect(cache.read("valid", question: CacheQuestion([[1, 2, 3]])) == nil)
      #expect(cache.read("valid", question: CacheQuestion([[1, 2], [3]])) == [9])
    }
  }

  @Test("Entry and key are for their owner alone, and a secret stands nowhere")
  func secrets() async throws {
    try await Scratch.folder { folder in
      let cache = try ProviderCache(folder: "\(folder)/cache")
      try cache.write("valid", question: question, Array("the password is hunter2".utf8))
      var info = stat()
      #expect(stat("\(folder)/cache", &info) == 0 && info.st_mode & 0o777 == 0o700)
      for name in try LocalFiles.list("\(folder)/cache") {
        let path = "\(folder)/cache/\(name)"
        #expect(stat(path, &info) == 0 && info.st_mode & 0o777 == 0o600, "\(name)")
        let bytes = try LocalFiles.read(path)
        #expect(!String(decoding: bytes, as: UTF8.self).contains("hunter2"), "\(name)")
        #expect(!name.contains("hunter2"))
      }
    }
  }

  @Test("An entry that is damaged at any byte, or cut off there, counts as missing and is removed")
  func damage() async throws {
    try await Scratch.folder { folder in
      let cache = try ProviderCache(folder: "\(folder)/cache")
      let path = "\(folder)/cache/entry"
      try cache.write("entry", Array("payload".utf8))
      let whole = try LocalFiles.read(path)
      for index in whole.indices {
        var damaged = whole
        damaged[index] ^= 0x20
        for bytes in [damaged, Array(whole[..<index])] {
          try LocalFiles.replace(path, with: bytes, durably: false)
          #expect(cache.read("entry") == nil, "at \(index)")
          #expect(!LocalFiles.exists(path), "at \(index)")
        }
      }
      try LocalFiles.replace(path, with: whole + [0], durably: false)
      #expect(cache.read("entry") == nil)
    }
  }

  @Test("With another key an answer cannot be read, and a key that is cut off is made anew")
  func keys() async throws {
    try await Scratch.folder { folder in
      let cache = try ProviderCache(folder: "\(folder)/cache")
      try cache.write("valid", question: question, [1])
      try LocalFiles.replace("\(folder)/cache/key", with: [1, 2, 3])
      let other = try ProviderCache(folder: "\(folder)/cache")
      #expect(try LocalFiles.read("\(folder)/cache/key").count == 32)
      #expect(other.read("valid", question: question) == nil)
      try other.write("valid", question: question, [2])
      #expect(other.read("valid", question: question) == [2])
    }
  }

  @Test("Many writers and readers of one entry see whole entries only")
  func manyWriters() async throws {
    try await Scratch.folder { folder in
      let path = "\(folder)/cache"
      let values = (0..<8).map { [UInt8](repeating: $0, count: 20_000 + Int($0)) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for value in values {
          group.addTask {
            // As many objects as there would be processes.
            let cache = try ProviderCache(folder: path)
            for _ in 0..<30 {
              try cache.write("entry", value)
              let read = cache.read("entry")
              #expect(read.map { values.contains($0) } ?? false)
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try LocalFiles.list(path) == ["entry", "key"])
    }
  }

  @Test("What was used longest ago goes first when there is too much; what others left half written goes too")
  func limit() async throws {
    try await Scratch.folder { folder in
      let path = "\(folder)/cache"
      let writer = try ProviderCache(folder: path)
      for (name, age) in [("old", 5000), ("used", 9000), ("new", 1000)] {
        try writer.write(name, [UInt8](repeating: 1, count: 30_000))
        try age1(of: "\(path)/\(name)", seconds: age)
      }
      for (name, age) in [("a.1.2.tmp", 7200), ("b.1.2.tmp", 60)] {
        try LocalFiles.replace("\(path)/\(name)", with: [1])
        try age1(of: "\(path)/\(name)", seconds: age)
      }
      #expect(writer.read("used") != nil)
      // The first write of a process looks at the folder.
      try ProviderCache(folder: path, limit: 100_000).write("last", [UInt8](repeating: 1, count: 30_000))
      #expect(
        try LocalFiles.list(path) == ["b.1.2.tmp", "key", "last", "used"]
          || LocalFiles.list(path) == ["b.1.2.tmp", "key", "last", "new", "used"]
      )
    }
  }

  /// Makes a file look as if it was used some time ago.
  private func age1(of path: String, seconds: Int) throws {
    let then = timespec(tv_sec: time(nil) - seconds, tv_nsec: 0)
    let both = [then, then]
    try #require(utimensat(AT_FDCWD, path, both, 0) == 0)
  }
}
