import LocalFiles
package import Manifests
package import StackModel
import YAMLTree

/// Manifests of a kind that its schema is turned into: every field there and not there, every value of every enum, and
/// pairs of sections that have to do with each other. All of them are right by the kind's own rules.
///
/// It begins with the manifests in the repository. Each change of one field is made to the first of them that takes it;
/// values are those that other manifests have in that place, or made by the schema. Nothing is left to chance: the same
/// schema and manifests make the same corpus.
package struct ManifestCorpus: Sendable {
  package struct Form: Sendable, CustomStringConvertible {
    /// The manifest that was changed, and the change.
    package var name: String
    package var manifest: JSONValue
    /// The normal form.
    package var values: JSONValue
    /// By variable of the module.
    package var secretKeys: [String: [String]]
    /// Whether two sections were changed together.
    package var isPair = false
    package var description: String { name }
  }

  package let definition: KindDefinition
  /// Manifests with the same normal form are one; those that people wrote come first.
  package private(set) var forms: [Form] = []
  /// Fields that are nowhere there, nowhere left out, or that lack a value of their enum: `spec.x never there`.
  package private(set) var gaps: [String] = []
  /// Manifests that were tried.
  package private(set) var tried = 0

  private let reader: CorpusReader
  private var seen: Set<String> = []

  /// What ten values on ten manifests do not show is refused for what it is.
  private static let mostTries = 24

  /// - Parameters:
  ///   - root: the checkout.
  ///   - isWhole: every change to every manifest it fits, and more pairs: minutes instead of seconds.
  package init(_ definition: KindDefinition, root: String, isWhole: Bool) throws {
    self.definition = definition
    let schema = SchemaFields(try JSONValue(parsing: LocalFiles.read("\(definition.directory)/schema.json")))
    reader = CorpusReader(definition)
    let written = try Self.written(definition.kind, root: root)
    let donors = Donors(written.map(\.manifest), schema)
    var shown: Set<String> = []
    var open: [(name: String, manifest: JSONValue, changes: [Change])] = []
    for (name, manifest) in written {
      guard take(name, manifest) != nil else { throw CorpusError(description: "\(name) is refused") }
      let changes = schema.changes(of: manifest, schema.root, donors: donors, isEachPlace: isWhole)
      open.append((name, manifest, changes))
      Self.show(manifest, schema, &shown)
    }
    let richest = open.max { $0.changes.count { $0.value == nil } < $1.changes.count { $0.value == nil } }
    let bases = open

    var done: Set<String> = []
    var tries: [String: Int] = [:]
    while !open.isEmpty {
      let (name, base, changes) = open.removeFirst()
      for change in changes where !done.contains(change.key) && tries[change.key, default: 0] < Self.mostTries
      {
        tries[change.key, default: 0] += 1
        let title = "\(name), \(change.key)"
        guard let manifest = base.setting(change.path[...], to: change.value), take(title, manifest) != nil
        else {
          continue
        }
        done.insert(change.key)
        Self.show(manifest, schema, &shown)
        // What came along has fields of its own.
        guard let value = change.value, value.object != nil || value.array != nil else { continue }
        let inner = schema.changes(
          of: manifest,
          at: change.path,
          change.node,
          donors: donors,
          isEachPlace: isWhole
        )
        if inner.contains(where: { !done.contains($0.key) }) { open.append((title, manifest, inner)) }
      }
    }
    for base in bases where isWhole || base.name == richest?.name {
      pairs(base.name, base.manifest, base.changes)
    }
    gaps = Self.gaps(schema, shown)
  }

  /// Two sections of a manifest that matter to each other: together they make something else than each by itself.
  private mutating func pairs(_ name: String, _ manifest: JSONValue, _ changes: [Change]) {
    guard let values = reader.form(name, manifest)?.values else { return }
    var keys: Set<String> = []
    var single: [(change: Change, values: JSONValue)] = []
    for change in changes where change.path.count == 2 && change.path.first == .member("spec") {
      guard !keys.contains(change.key), let changed = manifest.setting(change.path[...], to: change.value),
        let form = form(name, changed), form.values != values
      else { continue }
      keys.insert(change.key)
      single.append((change, form.values))
    }
    for (index, first) in single.enumerated() {
      for second in single[(index + 1)...] where first.change.path != second.change.path {
        guard let one = manifest.setting(first.change.path[...], to: first.change.value),
          let both = one.setting(second.change.path[...], to: second.change.value),
          var form = form("\(name), \(first.change.key), \(second.change.key)", both),
          form.values != values.merging(first.values, second.values)
        else { continue }
        form.isPair = true
        keep(form)
      }
    }
  }

  private mutating func form(_ name: String, _ manifest: JSONValue) -> Form? {
    tried += 1
    return reader.form(name, manifest)
  }

  private mutating func take(_ name: String, _ manifest: JSONValue) -> Form? {
    guard let form = form(name, manifest) else { return nil }
    keep(form)
    return form
  }

  private mutating func keep(_ form: Form) {
    if seen.insert(form.values.text()).inserted { forms.append(form) }
  }

  // MARK: What is shown

  /// Fields that are there, those that could be and are not, and values of enums.
  private static func show(_ manifest: JSONValue, _ schema: SchemaFields, _ found: inout Set<String>) {
    func walk(_ value: JSONValue, _ node: SchemaFields.Node) {
      if node.choices.contains(value) || value.bool != nil {
        found.insert("\(node.field) never \(value.text())")
      }
      if value.object != nil {
        for name in node.properties.keys {
          guard let child = schema.property(name, of: node) else { continue }
          found.insert("\(child.field) never \(value[name] == nil ? "left out" : "there")")
          if let member = value[name] { walk(member, child) }
        }
        if let entry = schema.entry(of: node) {
          for (key, member) in value.object ?? JSONObject() where node.properties[key] == nil {
            walk(member, entry)
          }
        }
      }
      guard let element = schema.element(of: node) else { return }
      for member in value.array ?? [] { walk(member, element) }
    }
    walk(manifest, schema.root)
  }

  private static func gaps(_ schema: SchemaFields, _ shown: Set<String>) -> [String] {
    schema.fields().flatMap { node, isRequired in
      var wanted = ["there"] + (isRequired ? [] : ["left out"]) + node.choices.map { $0.text() }
      if node.types.contains("boolean") { wanted += ["true", "false"] }
      return wanted.map { "\(node.field) never \($0)" }.filter { !shown.contains($0) }
    }
  }
}

struct CorpusError: Error, CustomStringConvertible {
  var description: String
}

extension JSONValue {
  /// This with what two others have changed about it; nil where both have changed one thing.
  func merging(_ first: JSONValue, _ second: JSONValue) -> JSONValue? {
    if first == self { return second }
    if second == self || first == second { return first }
    guard let own = object, let left = first.object, let right = second.object else { return nil }
    var merged = JSONObject()
    for key in own.keys + left.keys + right.keys where merged[key] == nil {
      guard let value = (own[key] ?? nil).merging(left[key] ?? nil, right[key] ?? nil) else { return nil }
      merged[key] = value
    }
    return .object(merged)
  }
}

extension ManifestCorpus {
  /// As few of the forms as show everything that all of them show: each place of the normal form with each sort of value
  /// in it, and each pair of sections.
  package func fewest() -> [Form] {
    var seen: Set<String> = []
    return forms.filter { form in
      var found: Set<String> = []
      form.values.gatherSorts(at: "", into: &found)
      let isNew = !found.isSubset(of: seen)
      seen.formUnion(found)
      return isNew || form.isPair
    }
  }
}

extension JSONValue {
  /// Every place in a value with the sort of what stands there; entries of a map are one place, and so are elements.
  package func gatherSorts(at path: String, into found: inout Set<String>) {
    // A word in capitals is one of few that mean something there.
    let word = string.flatMap { text in
      text.first?.isUppercase == true && text.allSatisfy { $0.isLetter || $0 == "_" } ? text : nil
    }
    found.insert("\(path): \(word ?? sort)")
    // Names that a program, a manifest or the form itself chose say nothing of a place.
    for (key, member) in object ?? JSONObject() {
      let isName = key.contains { !$0.isLetter && $0 != "_" } || key.first?.isUppercase == true
      member.gatherSorts(at: "\(path).\(isName ? "*" : key)", into: &found)
    }
    for element in array ?? [] { element.gatherSorts(at: "\(path)[]", into: &found) }
  }
}
