import PluginWire
import StackModel

/// One resource's change in a plan file, its values still packed.
struct PlannedResource {
  /// How `show` sorts resources: of the root module alone, by type, name and key.
  struct Order: Comparable {
    var type: String
    var name: String
    var key: Key

    enum Key: Comparable {
      case none
      case number(Int)
      case text(String)
    }

    static func < (left: Order, right: Order) -> Bool {
      (left.type, left.name) == (right.type, right.name)
        ? left.key < right.key : (left.type, left.name) < (right.type, right.name)
    }
  }

  private(set) var order: Order
  /// The provider's source address.
  private(set) var provider: String
  private var address: String
  private var previousAddress = ""
  private var reason: String?
  private var change: Change
  private var replacePaths: [[AttributePath.Step]] = []

  var type: String { order.type }

  private struct Change {
    var action: PlannedAction
    var before: [UInt8]?
    var after: [UInt8]?
    var sensitiveBefore: [[AttributePath.Step]] = []
    var sensitiveAfter: [[AttributePath.Step]] = []
    var importID: String?
  }

  /// Nil for a data source, which is nothing to change.
  static func managed(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) -> PlannedResource? {
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      if field.number == 13, try field.string.hasPrefix("data.") { return nil }
    }
    return try PlannedResource(bytes)
  }

  init(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) {
    var address = ""
    var previous = ""
    var provider = ""
    var change: Change?
    var reason: String?
    var paths: [[AttributePath.Step]] = []
    try ProtobufReader.forEach(in: bytes) { field throws(ProtobufError) in
      switch field.number {
      case 8: provider = try field.string
      case 9: change = try Self.change(try field.bytes)
      // What the provider keeps for itself.
      case 10: break
      case 11: paths.append(try AttributePath.steps(try field.bytes))
      case 12: reason = try Self.reason(try field.int)
      case 13: address = try field.string
      case 14: previous = try field.string
      default: throw ProtobufError("a resource has a field \(field.number), which is not known")
      }
    }
    guard let order = Self.order(address) else {
      throw ProtobufError("\(address) is no managed resource of the root module")
    }
    guard let source = Self.source(provider) else { throw ProtobufError("\(provider) is no provider") }
    guard let change else { throw ProtobufError("\(address) has no change") }
    self.order = order
    self.provider = source
    self.address = address
    previousAddress = previous == address ? "" : previous
    self.change = change
    self.reason = reason
    replacePaths = paths
  }

  /// The resource as an element of `resource_changes`.
  func document(_ schema: ResourceSchema) throws(ProtobufError) -> JSONValue {
    let before = try side(change.before, change.sensitiveBefore, schema)
    let after = try side(change.after, change.sensitiveAfter, schema)
    var members = JSONObject([
      ("actions", change.action.json), ("before", before.known), ("after", after.known),
      ("after_unknown", after.unknown), ("before_sensitive", before.sensitiveMarks),
      ("after_sensitive", after.sensitiveMarks),
    ])
    if !replacePaths.isEmpty { members["replace_paths"] = .array(replacePaths.map(AttributePath.json)) }
    if let id = change.importID { members["importing"] = ["id": .string(id)] }
    var resource = JSONObject([
      ("address", .string(address)), ("mode", "managed"), ("type", .string(order.type)),
      ("name", .string(order.name)), ("change", .object(members)),
    ])
    if !previousAddress.isEmpty { resource["previous_address"] = .string(previousAddress) }
    if let reason { resource["action_reason"] = .string(reason) }
    return .object(resource)
  }

  private func side(
    _ packed: [UInt8]?,
    _ marked: [[AttributePath.Step]],
    _ schema: ResourceSchema
  ) throws(ProtobufError) -> PlannedValue {
    let value: Value
    do throws(ValueError) {
      value =
        try packed.map { bytes throws(ValueError) in
          try MessagePackReader.value(bytes, as: schema.type)
        } ?? .null
    } catch {
      throw ProtobufError("\(address): \(error.description)")
    }
    return PlannedValue(value: value, type: schema.type, sensitive: schema.sensitive, marked: marked)
  }

  // MARK: Reading

  private static func change(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) -> Change {
    var number = 0
    var values: [[UInt8]] = []
    var before: [[AttributePath.Step]] = []
    var after: [[AttributePath.Step]] = []
    var importID: String?
    try ProtobufReader.forEach(in: bytes) { field throws(ProtobufError) in
      switch field.number {
      case 1: number = try field.int
      case 2: values.append(try AttributePath.packed(try field.bytes))
      case 3: before.append(try AttributePath.steps(try field.bytes))
      case 4: after.append(try AttributePath.steps(try field.bytes))
      case 5:
        var id = ""
        try ProtobufReader.forEach(in: try field.bytes) { part throws(ProtobufError) in
          guard part.number == 1 else { throw ProtobufError("an import by something else than a known id") }
          id = try part.string
        }
        importID = id
      default: throw ProtobufError("a change has a field \(field.number), which is not known")
      }
    }
    guard let action = PlannedAction(rawValue: number) else { throw ProtobufError("action \(number)") }
    var change = Change(action: action, sensitiveBefore: before, sensitiveAfter: after, importID: importID)
    switch (action, values.count) {
    case (.noop, 1): (change.before, change.after) = (values[0], values[0])
    case (.create, 1): change.after = values[0]
    case (.delete, 1), (.forget, 1): change.before = values[0]
    case (.update, 2), (.deleteThenCreate, 2), (.createThenDelete, 2):
      (change.before, change.after) = (values[0], values[1])
    default: throw ProtobufError("action \(number) with \(values.count) values")
    }
    return change
  }

  /// The words of `show -json` for why something is done.
  private static func reason(_ number: Int) throws(ProtobufError) -> String? {
    switch number {
    case 0: nil
    case 1: "replace_because_tainted"
    case 2: "replace_by_request"
    case 3: "replace_because_cannot_update"
    case 4: "delete_because_no_resource_config"
    case 5: "delete_because_wrong_repetition"
    case 6: "delete_because_count_index"
    case 7: "delete_because_each_key"
    case 8: "delete_because_no_module"
    case 9: "replace_by_triggers"
    case 12: "delete_because_no_move_target"
    default: throw ProtobufError("reason \(number)")
    }
  }

  /// `type.name`, `type.name[0]` or `type.name["key"]`.
  private static func order(_ address: String) -> Order? {
    guard !address.hasPrefix("module."), !address.hasPrefix("data."), !address.hasPrefix("ephemeral."),
      let dot = address.firstIndex(of: ".")
    else { return nil }
    let rest = address[address.index(after: dot)...]
    let type = String(address[..<dot])
    guard let bracket = rest.firstIndex(of: "[") else {
      return rest.contains(".") ? nil : Order(type: type, name: String(rest), key: .none)
    }
    let name = String(rest[..<bracket])
    guard rest.last == "]" else { return nil }
    let key = rest[rest.index(after: bracket)...].dropLast()
    if let number = Int(key) { return Order(type: type, name: name, key: .number(number)) }
    // Escapes would have to be undone to sort by what they stand for.
    guard key.count >= 2, key.first == "\"", key.last == "\"", !key.contains("\\") else { return nil }
    return Order(type: type, name: name, key: .text(String(key.dropFirst().dropLast())))
  }

  /// `provider["registry.terraform.io/hashicorp/aws"]`, an alias behind it or not.
  private static func source(_ provider: String) -> String? {
    let parts = provider.split(separator: "\"", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "provider[", parts[2].hasPrefix("]") else { return nil }
    return String(parts[1])
  }
}
