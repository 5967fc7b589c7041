import PluginWire
import StackModel

/// The fields of one request, by number.
struct ProviderRequest {
  private var fields: [Int: ProtobufField] = [:]

  init(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) {
    var reader = ProtobufReader(bytes)
    // The last of a field that is written twice counts, as protobuf has it.
    while let field = try reader.next() { fields[field.number] = field }
  }

  func string(_ number: Int) throws(ProtobufError) -> String { try fields[number]?.string ?? "" }

  func bytes(_ number: Int) throws(ProtobufError) -> ArraySlice<UInt8> { try fields[number]?.bytes ?? [] }

  /// A `DynamicValue`: MessagePack in field 1, or JSON in field 2. One that is left out is null.
  func value(_ number: Int, as type: ValueType) throws -> Value {
    let message = try ProviderRequest(try bytes(number))
    let packed = try message.bytes(1)
    if !packed.isEmpty { return try MessagePackReader.value(Array(packed), as: type) }
    let json = try message.bytes(2)
    return json.isEmpty ? .null : try Value(json: try JSONValue(parsing: json), as: type)
  }

  /// A `RawState` as Terraform 0.12 and later write it. The older flat form is not known.
  func rawState(_ number: Int, as type: ValueType) throws -> Value {
    let json = try ProviderRequest(try bytes(number)).bytes(1)
    guard !json.isEmpty else { throw ValueError("the state is in a form that Terraform wrote before 0.12") }
    return try Value(json: try JSONValue(parsing: json), as: type)
  }
}

extension ProtobufWriter {
  mutating func value(_ number: Int, _ value: Value, as type: ValueType) {
    message(number) { $0.bytes(1, MessagePackWriter.bytes(value, as: type)) }
  }
}
