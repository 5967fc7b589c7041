package import StackModel

/// What a provider's schema does not tell and the sandbox needs: values that the real service fills in.
///
/// Read from `sandbox.json` beside the recording; `docs/sandbox.md` describes the form.
package struct ProviderFacts: Sendable {
  package struct Resource: Sendable {
    /// Template of the id; without one an id is counted up.
    package var id: String?
    /// Template of the provider's message when the object exists already.
    package var exists: String?
    /// Attributes at the top that the provider reads from the service, so that nothing given becomes a
    /// zero: empty at once for single values, at the next refresh for collections.
    package var readsZeros: Set<String> = []
    /// Attributes that exist in Terraform's state only.
    package var notRead: Set<String> = []
    package var values: [FillRule] = []
  }

  /// An attribute that is another one, with what the provider's settings add.
  package struct Merge: Sendable {
    package var attribute: String
    package var base: String
    package var setting: String
  }

  package struct Data: Sendable {
    /// The resource type and the template of the id where the answer is looked up.
    package var from: (type: String, id: String)?
    package var values: [FillRule] = []
  }

  /// Whether the provider departs from the configuration as those built on the older SDK do, and
  /// stores zeros for what was not given inside a block.
  package var isLenient: Bool
  /// Whether a text without a rule is made up. Otherwise it is empty.
  package var makesUpTexts: Bool
  /// Computed attributes at the top that the provider plans as the merge of others.
  package var merges: [Merge] = []
  private var resources: [String: Resource] = [:]
  private var dataSources: [String: Data] = [:]
  /// Rules for every type, after those of the type itself.
  private var common: [FillRule] = []

  package init(_ json: JSONValue) throws(RecordingError) {
    isLenient = json["lenient"]?.bool ?? false
    makesUpTexts = json["make_up_texts"]?.bool ?? false
    common = try Self.rules(json["values"])
    for merge in json["merges"]?.array ?? [] {
      guard let attribute = merge["attribute"]?.string, let base = merge["of"]?.string else { continue }
      merges.append(Merge(attribute: attribute, base: base, setting: merge["with"]?.string ?? ""))
    }
    for (name, value) in json["resources"]?.object?.members ?? [] {
      resources[name] = Resource(
        id: value["id"]?.string,
        exists: value["exists"]?.string,
        readsZeros: Self.names(value["reads_zeros"]),
        notRead: Self.names(value["not_read"]),
        values: try Self.rules(value["values"])
      )
    }
    for (name, value) in json["data_sources"]?.object?.members ?? [] {
      var data = Data(values: try Self.rules(value["values"]))
      if let type = value["from"]?.string, let id = value["id"]?.string { data.from = (type, id) }
      dataSources[name] = data
    }
  }

  package func resource(_ type: String) -> Resource {
    var resource = resources[type] ?? Resource()
    resource.values += common
    return resource
  }

  package func data(_ type: String) -> Data {
    var data = dataSources[type] ?? Data()
    data.values += common
    return data
  }

  private static func names(_ json: JSONValue?) -> Set<String> {
    Set(json?.array?.compactMap(\.string) ?? [])
  }

  private static func rules(_ json: JSONValue?) throws(RecordingError) -> [FillRule] {
    var rules: [FillRule] = []
    for rule in json?.array ?? [] { rules.append(try FillRule(rule)) }
    return rules
  }
}
