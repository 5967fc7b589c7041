import Testing

@testable import Engines

@Suite struct ZipArchiveTests {
  // Made by Python's zipfile: `tfplan` with "plan " a hundred times, deflated, and `note` stored.
  private static let archive: [UInt8] = [
    80, 75, 3, 4, 20, 0, 0, 0, 8, 0, 0, 0, 33, 80, 4, 200, 20, 55, 12, 0, 0, 0, 244, 1,
    0, 0, 6, 0, 0, 0, 116, 102, 112, 108, 97, 110, 43, 200, 73, 204, 83, 40, 24, 37, 70, 18, 1, 0,
    80, 75, 3, 4, 20, 0, 0, 0, 0, 0, 0, 0, 33, 80, 134, 166, 16, 54, 5, 0, 0, 0, 5, 0,
    0, 0, 4, 0, 0, 0, 110, 111, 116, 101, 104, 101, 108, 108, 111, 80, 75, 1, 2, 20, 3, 20, 0, 0,
    0, 8, 0, 0, 0, 33, 80, 4, 200, 20, 55, 12, 0, 0, 0, 244, 1, 0, 0, 6, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 128, 1, 0, 0, 0, 0, 116, 102, 112, 108, 97, 110, 80, 75, 1, 2, 20,
    3, 20, 0, 0, 0, 0, 0, 0, 0, 33, 80, 134, 166, 16, 54, 5, 0, 0, 0, 5, 0, 0, 0, 4,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128, 1, 48, 0, 0, 0, 110, 111, 116, 101, 80, 75, 5,
    6, 0, 0, 0, 0, 2, 0, 2, 0, 102, 0, 0, 0, 87, 0, 0, 0, 0, 0,
  ]

  private func content(_ bytes: [UInt8], _ name: String) -> [UInt8]? {
    try? ZipArchive(bytes).content(name)
  }

  @Test func `what is packed comes back`() {
    #expect(content(Self.archive, "tfplan") == Array(String(repeating: "plan ", count: 100).utf8))
    #expect(content(Self.archive, "note") == Array("hello".utf8))
    #expect(content(Self.archive, "other") == nil)
  }

  @Test func `an archive that is cut off anywhere gives nothing`() {
    for count in 0..<Self.archive.count {
      #expect(content(Array(Self.archive.prefix(count)), "tfplan") == nil)
    }
  }

  @Test func `no changed byte gives another content`() {
    let whole = content(Self.archive, "tfplan")
    for index in Self.archive.indices {
      for mask: UInt8 in [1, 0x80, 0xFF] {
        var bytes = Self.archive
        bytes[index] ^= mask
        let found = content(bytes, "tfplan")
        #expect(found == nil || found == whole, "byte \(index)")
      }
    }
  }

  @Test func `junk is refused`() {
    for bytes in [
      [], Array("PK".utf8), [UInt8](repeating: 0, count: 100), [UInt8](repeating: 0xFF, count: 70_000),
    ] {
      #expect(content(bytes, "tfplan") == nil)
    }
  }
}
