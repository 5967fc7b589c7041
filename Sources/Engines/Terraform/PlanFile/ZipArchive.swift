import CZlib
import LocalFiles

/// The entries of a zip archive that is held in memory.
struct ZipArchive {
  struct Failure: Error {
    var description: String
  }

  private struct Entry {
    var method: Int
    var checksum: UInt32
    var packedSize: Int
    var size: Int
    var header: Int
  }

  /// What is larger is no plan that we would hold in memory.
  private static let sizeLimit = 256 << 20

  private let bytes: [UInt8]
  private var entries: [String: Entry] = [:]

  init(_ bytes: [UInt8]) throws(Failure) {
    self.bytes = bytes
    let end = try Self.endRecord(bytes)
    let count = try number(end + 10, 2)
    var position = try number(end + 16, 4)
    for _ in 0..<count {
      guard try number(position, 4) == 0x0201_4B50 else {
        throw Failure(description: "no entry where one should be")
      }
      let (name, extra, comment) = (
        try number(position + 28, 2), try number(position + 30, 2), try number(position + 32, 2)
      )
      let text = try slice(position + 46, name)
      entries[String(decoding: text, as: UTF8.self)] = Entry(
        method: try number(position + 10, 2),
        checksum: UInt32(try number(position + 16, 4)),
        packedSize: try number(position + 20, 4),
        size: try number(position + 24, 4),
        header: try number(position + 42, 4)
      )
      position += 46 + name + extra + comment
    }
  }

  /// The content of an entry, checked against its checksum.
  func content(_ name: String) throws(Failure) -> [UInt8] {
    guard let entry = entries[name] else { throw Failure(description: "there is no \(name) in it") }
    guard entry.size <= Self.sizeLimit else { throw Failure(description: "\(name) is too large") }
    guard try number(entry.header, 4) == 0x0403_4B50 else {
      throw Failure(description: "\(name) is not where it should be")
    }
    let start = entry.header + 30 + (try number(entry.header + 26, 2)) + (try number(entry.header + 28, 2))
    let packed = try slice(start, entry.packedSize)
    let content: [UInt8]
    switch entry.method {
    case 0: content = Array(packed)
    case 8: content = try Self.inflated(packed, size: entry.size)
    default: throw Failure(description: "\(name) is packed in an unknown way")
    }
    guard content.count == entry.size, Self.checksum(content) == entry.checksum else {
      throw Failure(description: "\(name) is damaged")
    }
    return content
  }

  // MARK: Bytes

  /// The record at the end, before which only a comment may stand.
  private static func endRecord(_ bytes: [UInt8]) throws(Failure) -> Int {
    let signature: [UInt8] = [0x50, 0x4B, 0x05, 0x06]
    var position = bytes.count - 22
    while position >= 0, position > bytes.count - 22 - 65_536 {
      if bytes[position..<position + 4].elementsEqual(signature) { return position }
      position -= 1
    }
    throw Failure(description: "it is no zip archive")
  }

  private func slice(_ start: Int, _ count: Int) throws(Failure) -> ArraySlice<UInt8> {
    guard start >= 0, count >= 0, start <= bytes.count, count <= bytes.count - start else {
      throw Failure(description: "it is cut off")
    }
    return bytes[start..<start + count]
  }

  /// Little-endian.
  private func number(_ start: Int, _ count: Int) throws(Failure) -> Int {
    try slice(start, count).reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  private static func inflated(_ packed: ArraySlice<UInt8>, size: Int) throws(Failure) -> [UInt8] {
    var stream = z_stream()
    guard stackjob_inflate_raw(&stream) == Z_OK else {
      throw Failure(description: "there is no memory to unpack it")
    }
    defer { inflateEnd(&stream) }
    var source = Array(packed)
    // One more byte than it should have, so that one that is longer is found out.
    var status = Z_OK
    let content = [UInt8](unsafeUninitializedCapacity: size + 1) { buffer, count in
      source.withUnsafeMutableBufferPointer { input in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = buffer.baseAddress
        stream.avail_out = UInt32(size + 1)
        status = inflate(&stream, Z_FINISH)
      }
      count = size + 1 - Int(stream.avail_out)
    }
    guard status == Z_STREAM_END else { throw Failure(description: "it cannot be unpacked") }
    return content
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBufferPointer { UInt32(crc32(0, $0.baseAddress, UInt32($0.count))) }
  }
}
