import PluginWire
package import StackModel

/// Reads the plan file that Terraform saves, to the part that tells what will be done.
///
/// The file is Terraform's own and its form is no promise. So it is read strictly: whatever is not just as expected
/// ends in ``Unreadable``, and then `terraform show -json` is asked, which takes a process of its own.
package enum TerraformPlanFile {
  /// Why the engine has to be asked.
  package struct Unreadable: Error, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
  }

  /// The form of the file that is known; see `version` in Terraform's planfile.proto.
  private static let version = 3

  /// - Parameters:
  ///   - bytes: the file.
  ///   - schemas: the answer to GetSchema of each provider in use, by its source address.
  /// - Returns: `resource_changes`, `resource_drift`, `output_changes` with their actions alone, and `errored`, as in the
  ///   document that `show -json` prints.
  package static func read(_ bytes: [UInt8], schemas: [String: [UInt8]]) throws(Unreadable) -> JSONValue {
    let message: [UInt8]
    do throws(ZipArchive.Failure) {
      message = try ZipArchive(bytes).content("tfplan")
    } catch {
      throw Unreadable(error.description)
    }
    do throws(ProtobufError) {
      return try document(message, schemas)
    } catch {
      throw Unreadable(error.description)
    }
  }

  private static func document(
    _ message: [UInt8],
    _ answers: [String: [UInt8]]
  ) throws(ProtobufError) -> JSONValue {
    var changes: [PlannedResource] = []
    var drift: [PlannedResource] = []
    var outputs: [(String, JSONValue)] = []
    var isErrored = false
    var found = 0
    try ProtobufReader.forEach(in: message[...]) { field throws(ProtobufError) in
      switch field.number {
      case 1: found = try field.int
      case 3: if let change = try PlannedResource.managed(try field.bytes) { changes.append(change) }
      case 4: outputs.append(try output(try field.bytes))
      case 18: if let change = try PlannedResource.managed(try field.bytes) { drift.append(change) }
      case 20: isErrored = try field.bool
      // Values of variables, the backend, targets, relevant attributes, checks, results of functions: nothing that
      // tells what will be done.
      case 2, 5, 13, 14, 15, 16, 17, 19, 21, 22, 25, 26, 28: break
      default: throw ProtobufError("it has a field \(field.number), which is not known")
      }
    }
    guard found == version else { throw ProtobufError("its version is \(found), not \(version)") }
    let wanted = Set((changes + drift).map(\.type))
    var schemas: [String: [String: ResourceSchema]] = [:]
    for (source, answer) in answers {
      schemas[source] = try ResourceSchema.resources(in: answer, wanted: wanted.contains)
    }
    return [
      "resource_changes": try documents(changes, schemas),
      "resource_drift": try documents(drift, schemas),
      "output_changes": .object(JSONObject(outputs.sorted { $0.0 < $1.0 })),
      "errored": .bool(isErrored),
    ]
  }

  private static func documents(
    _ resources: [PlannedResource],
    _ schemas: [String: [String: ResourceSchema]]
  ) throws(ProtobufError) -> JSONValue {
    var documents: [JSONValue] = []
    for resource in resources.sorted(by: { $0.order < $1.order }) {
      guard let schema = schemas[resource.provider]?[resource.type] else {
        throw ProtobufError("there is no schema of \(resource.type)")
      }
      guard !schema.type.hasDynamic else { throw ProtobufError("\(resource.type) has values of any type") }
      documents.append(try resource.document(schema))
    }
    return .array(documents)
  }

  private static func output(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) -> (String, JSONValue) {
    var name = ""
    var action: PlannedAction?
    try ProtobufReader.forEach(in: bytes) { field throws(ProtobufError) in
      switch field.number {
      case 1: name = try field.string
      case 2:
        var number = 0
        try ProtobufReader.forEach(in: try field.bytes) { part throws(ProtobufError) in
          if part.number == 1 { number = try part.int }
        }
        action = PlannedAction(rawValue: number)
      case 3: break
      default: throw ProtobufError("an output has a field \(field.number), which is not known")
      }
    }
    guard let action else { throw ProtobufError("an output has an unknown action") }
    return (name, ["actions": action.json])
  }
}

/// What is done to something, by its number in the file.
enum PlannedAction: Int {
  case noop = 0
  case create, read, update
  case delete = 5
  case deleteThenCreate, createThenDelete, forget

  var json: JSONValue {
    switch self {
    case .noop: ["no-op"]
    case .create: ["create"]
    case .read: ["read"]
    case .update: ["update"]
    case .delete: ["delete"]
    case .deleteThenCreate: ["delete", "create"]
    case .createThenDelete: ["create", "delete"]
    case .forget: ["forget"]
    }
  }
}
