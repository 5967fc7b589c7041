import LocalFiles
import ManifestCorpus
import StackModel
import Testing
import ToolProcess

/// Many manifests of one kind planned by one run of Terraform: the kind's module called for each of them.
///
/// A module that is called may not configure providers, and files that join it by the manifest only say what changes
/// later, or are empty where nothing needs them. So this is the module as `render` writes it but for `providers.tf`.
struct PulumiCorpusPlan {
  /// Terraform keeps all of a plan in memory.
  static let most = 150

  let kind: String
  /// Of the product, and all that Terraform needs is put there.
  let name: String
  let forms: [ManifestCorpus.Form]
  let stackjob: Product

  init(_ kind: String, _ name: String, _ forms: [ManifestCorpus.Form], _ stackjob: Product) {
    self.kind = kind
    self.name = name
    self.forms = forms
    self.stackjob = stackjob
  }

  /// Writes `plan.json`, in which the resources of form 7 are in `module.REGION["case-7"]`.
  func make() async throws {
    try module()
    try root()
    let terraform = EngineCall(
      stackjob: stackjob,
      folder: name,
      environment: [
        "TF_CLI_CONFIG_FILE": "\(stackjob.folder)/mirror/terraform.rc", "CHECKPOINT_DISABLE": "1",
      ]
    )
    try await terraform("init", "-input=false")
    try await terraform("plan", "-input=false", "-refresh=false", "-lock=false", "-out=plan")
    // To a file: it has tens of millions of characters.
    let shown = try await stackjob.run(
      ["-c", "terraform -chdir='\(name)' show -json plan > '\(name)/plan.json'"],
      executable: "/bin/sh",
      environment: terraform.environment
    )
    expect(shown, .done)
  }

  private func module() throws {
    let source = "\(Project.root)/templates/\(kind)/terraform"
    for file in try LocalFiles.list(source) where file.hasSuffix(".tf") {
      var text = LocalFiles.text("\(source)/\(file)") ?? ""
      if file == "providers.tf" { text = Self.withoutProvider(text) }
      _ = try stackjob.file("\(name)/module/\(file)", text)
    }
    if let routes = LocalFiles.text("\(source)/optional/routes.tf") {
      _ = try stackjob.file("\(name)/module/routes.tf", routes)
    }
  }

  /// Blocks end with a brace at the beginning of a line.
  private static func withoutProvider(_ text: String) -> String {
    var isInside = false
    return text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
      if line.hasPrefix("provider ") { isInside = true }
      defer { if line == "}" { isInside = false } }
      return !isInside
    }.joined(separator: "\n")
  }

  private func root() throws {
    var regions: [String: JSONObject] = [:]
    for (number, form) in forms.enumerated() {
      var values = form.values.object ?? JSONObject()
      for (variable, keys) in form.secretKeys {
        values[variable] = .object(JSONObject(keys.map { ($0, "a-value") }))
      }
      regions[values["region"]?.string ?? "none", default: JSONObject()]["case-\(number)"] = .object(values)
    }
    let names = Set(forms.flatMap { ($0.values.object ?? JSONObject()).keys }).sorted()
    var calls = JSONObject()
    var locals = JSONObject()
    var providers: [JSONValue] = []
    let provider = kind == "AwsEcsService" ? "aws" : "kubernetes"
    for (region, cases) in regions.sorted(by: { $0.key < $1.key }) {
      let place = "in_" + region.map { $0.isLetter || $0.isNumber ? "\($0)" : "_" }.joined()
      _ = try stackjob.file("\(name)/\(place).json", JSONValue.object(cases).text())
      locals[place] = .string("${jsondecode(file(\"${path.module}/\(place).json\"))}")
      var call: JSONObject = JSONObject([
        ("source", "./module"), ("for_each", .string("${local.\(place)}")),
        ("providers", .object(JSONObject([(provider, JSONValue.string("\(provider).\(place)"))]))),
      ])
      for value in names { call[value] = .string("${each.value.\(value)}") }
      call["secret_values"] = "${try(each.value.secret_values, {})}"
      if provider == "kubernetes" { call["connection"] = ["host": "https://sandbox.invalid"] }
      calls[place] = .object(call)
      var settings: JSONObject = JSONObject([("alias", .string(place))])
      if provider == "kubernetes" { settings["host"] = "https://sandbox.invalid" }
      if region != "none" { settings["region"] = .string(region) }
      providers.append(.object(settings))
    }
    let source: JSONValue = ["source": .string("hashicorp/\(provider)")]
    let document: JSONValue = [
      "terraform": ["required_providers": .object(JSONObject([(provider, source)]))],
      "provider": .object(JSONObject([(provider, .array(providers))])),
      "locals": .object(locals), "module": .object(calls),
    ]
    _ = try stackjob.file("\(name)/main.tf.json", document.text(.pretty))
  }
}
