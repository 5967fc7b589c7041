import LocalFiles
import Manifests
import StackModel
import Testing

@testable import Translation

/// Normal forms to make programs of: those of all examples and fixtures, and what is made by mixing them.
struct Corpus {
  struct Form: CustomTestStringConvertible {
    var name: String
    var values: JSONValue
    var testDescription: String { name }
  }

  static let root = "\(#filePath)".split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
  static let fixtures = "\(root)/Tests/Fixtures"
  static let kinds = ["AwsEcsService", "MicroserviceKubernetes"]
  static let facts: JSONValue = {
    let bytes = (try? LocalFiles.read("\(fixtures)/pulumi/facts.json")) ?? []
    return (try? JSONValue(parsing: String(decoding: bytes, as: UTF8.self))) ?? .null
  }()

  let kind: String
  let definition: KindDefinition
  let template: PulumiTemplate
  let written: [Form]

  init(_ kind: String) throws {
    self.kind = kind
    guard case .found(let definition) = KindCatalog(roots: ["\(Self.root)/templates"]).find(kind) else {
      throw TemplateError(cause: .template, message: "there is no \(kind)")
    }
    self.definition = definition
    template = try PulumiTemplate.read(definition).get()
    var forms: [Form] = []
    for folder in ["normal-form", "good"] where LocalFiles.exists("\(Self.fixtures)/\(kind)/\(folder)") {
      for file in try LocalFiles.list("\(Self.fixtures)/\(kind)/\(folder)").sorted() {
        guard file.hasSuffix(".tfvars.json") else { continue }
        let text = String(
          decoding: try LocalFiles.read("\(Self.fixtures)/\(kind)/\(folder)/\(file)"),
          as: UTF8.self
        )
        forms.append(Form(name: String(file.dropLast(12)), values: try JSONValue(parsing: text)))
      }
    }
    written = forms
  }

  func program(_ values: JSONValue) throws -> PulumiProgram {
    try template.program(project: "stackjob-test", values: values)
  }

  /// Each field of each written form as it is in the others: a form of its own for every place and every
  /// kind of value that stands there anywhere, so that each field is there and is not.
  func mixed() -> [Form] {
    var seen: [String: [String: JSONValue]] = [:]
    for form in written { Self.collect(form.values, at: "", into: &seen) }
    return written.flatMap { form in
      Self.variants(form.values, at: "", seen).map {
        Form(name: "\(form.name) with \($0.path)", values: $0.value)
      }
      .filter { isPossible($0.values) }
    }
  }

  /// What holds in every normal form and a mixed one may break.
  private func isPossible(_ values: JSONValue) -> Bool {
    if kind == "MicroserviceKubernetes" {
      let isReached = values["ingresses"]?.isEmpty == false || values["routes"]?.isEmpty == false
      let metrics = values["autoscaling"]?["metrics"]?.array ?? []
      return (!isReached || values["service"]?.isNull == false)
        && metrics.allSatisfy { metric in
          (metric["type"] == "ContainerResource") == (metric["container"]?.isNull == false)
            && (metric["type"] == "Object") == (metric["described_object"]?.isNull == false)
        }
    }
    func isOneOf(_ block: JSONValue?) -> Bool {
      block?.isNull != false || (block?["arn"]?.isNull == true) != (block?["create"]?.isNull == true)
    }
    let created = (values["task"]?["containers"]?.array ?? []).flatMap { container in
      (container["secrets"]?.object?.members ?? []).map(\.value)
    }
    let ports = [values["alb"]?["listener_port"], values["alb"]?["redirect_port"]]
    return (ports[0] ?? .null == .null || ports[0] != ports[1]) && isOneOf(values["cluster"])
      && isOneOf(values["alb"]) && isOneOf(values["nlb"])
      && (values["network"]?["awsvpc"] != true || values["network"]?["subnets"]?.isEmpty == false)
      && (values["autoscaling"]?["requests_per_target"] ?? .null == .null || values["alb"]?.isNull == false)
      && created.allSatisfy { secret in
        secret["arn"]?.isNull == false || values["secrets"]?[secret["created"]?.string ?? ""] != nil
      }
  }

  /// How two values at one place are told apart: one of each is enough.
  private static func sort(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool(let flag): "\(flag)"
    case .number(let digits): digits == "0" ? "zero" : "number"
    case .string(let text):
      text.isEmpty ? "no text" : text.allSatisfy { $0.isUppercase || $0 == "_" } ? text : "text"
    case .array(let elements): elements.isEmpty ? "no list" : "list"
    case .object(let object): object.isEmpty ? "no map" : "map"
    }
  }

  private static func collect(
    _ value: JSONValue,
    at path: String,
    into seen: inout [String: [String: JSONValue]]
  ) {
    seen[path, default: [:]][sort(value)] = value
    for (key, member) in value.object ?? JSONObject() { collect(member, at: "\(path).\(key)", into: &seen) }
    for element in value.array ?? [] { collect(element, at: "\(path)[]", into: &seen) }
  }

  private static func variants(
    _ value: JSONValue,
    at path: String,
    _ seen: [String: [String: JSONValue]]
  ) -> [(path: String, value: JSONValue)] {
    let own = sort(value)
    var result = (seen[path] ?? [:]).filter { $0.key != own }.sorted { $0.key < $1.key }
      .map { (path: "\(path): \($0.key)", value: $0.value) }
    switch value {
    case .object(let object):
      for (key, member) in object {
        for variant in variants(member, at: "\(path).\(key)", seen) {
          var changed = object
          changed[key] = variant.value
          result.append((variant.path, .object(changed)))
        }
      }
    case .array(let elements):
      // Texts of a list are different ones in a normal form.
      for (index, element) in elements.enumerated() where element.string == nil {
        for variant in variants(element, at: "\(path)[]", seen) {
          var changed = elements
          changed[index] = variant.value
          result.append((variant.path, .array(changed)))
        }
      }
    default: break
    }
    return result
  }
}
