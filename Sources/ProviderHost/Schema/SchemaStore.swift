import Digests
import LocalFiles
import PluginWire

/// The schemas of one provider in the cache folder: whole, and pruned to what one stack uses.
///
/// A run on a stack that did not change its types reads a list of names and a message of some hundred
/// kilobytes, and never the whole one of several megabytes.
struct SchemaStore: Sendable {
  private let cache: ProviderCache
  /// Provider and protocol version.
  private let key: String

  init(cache: ProviderCache, provider: HostedProvider, version: PluginProtocol) {
    self.cache = cache
    // The sandbox is several providers in one binary, so the address belongs to it.
    key = SHA256.digest(of: Array("\(provider.source) \(provider.identity) \(version.rawValue)".utf8))
  }

  /// - Parameter keep: the types to keep; nil for all.
  func schema(keeping keep: Set<String>?) -> SchemaMessage? {
    guard let keep else { return whole() }
    guard let names = cache.read("names-\(key)") else { return nil }
    let kept = names.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.filter(keep.contains)
    let name = prunedName(kept)
    if let pruned = cache.read(name) { return SchemaMessage(pruned) }
    guard let pruned = try? whole()?.pruned(to: Set(kept)) else { return nil }
    try? cache.write(name, pruned.bytes)
    return pruned
  }

  /// Stores a whole schema.
  ///
  /// - Returns: what is to be answered.
  func store(_ schema: SchemaMessage, keeping keep: Set<String>?) throws -> SchemaMessage {
    guard try !schema.hasDiagnostics() else { return schema }
    let names = try schema.typeNames()
    // Without the files the next run asks again, which is no failure of this one.
    try? cache.write("schema-\(key)", schema.bytes)
    try? cache.write("names-\(key)", Array(names.joined(separator: "\0").utf8))
    guard let keep else { return schema }
    let kept = names.filter(keep.contains)
    let pruned = try schema.pruned(to: Set(kept))
    try? cache.write(prunedName(kept), pruned.bytes)
    return pruned
  }

  private func whole() -> SchemaMessage? { cache.read("schema-\(key)").map(SchemaMessage.init) }

  private func prunedName(_ kept: [String]) -> String {
    "pruned-\(SHA256.digest(of: Array("\(key) \(kept.joined(separator: " "))".utf8)))"
  }
}
