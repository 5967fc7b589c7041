import Manifests
package import StackModel
package import YAMLTree

/// Reads `stackjob.yaml`.
package enum PipelineFile {
  package static func read(_ path: String) -> (pipeline: Pipeline, diagnostics: [Diagnostic]) {
    let (documents, problems) = YAMLReader.readFile(path)
    guard !problems.hasErrors else {
      // An empty file says nothing, which is allowed.
      let isEmpty = problems.allSatisfy { $0.code == "yaml.empty" }
      var pipeline = Pipeline()
      pipeline.file = path
      return (pipeline, isEmpty ? [] : problems)
    }
    guard documents.count == 1, let root = documents.first else {
      return (
        Pipeline(),
        [
          .error(
            "pipeline.documents",
            "the file holds \(documents.count) documents; it is one",
            at: documents.dropFirst().first?.location ?? SourceLocation(file: path)
          )
        ]
      )
    }
    let (pipeline, found) = read(root)
    return (pipeline, problems + found)
  }

  package static func read(_ root: YAMLNode) -> (pipeline: Pipeline, diagnostics: [Diagnostic]) {
    guard let schema = PipelineSchema.compiled else { return (Pipeline(), PipelineSchema.problems) }
    let (node, problems) = SchemaChecker.check(root, against: schema)
    var pipeline = Pipeline()
    pipeline.file = root.location.file
    guard !problems.hasErrors else { return (pipeline, problems) }
    // The checked tree has every default filled in, which would hide what the file leaves to the whole.
    pipeline.defaults = rules(root, over: TaskRules())
    pipeline.deploymentEnvironments = node["deployment_environments"]?.list?.compactMap(place)
    pipeline.order = (node["order"]?.list ?? []).map { entry in
      entry.list?.compactMap(place) ?? place(entry).map { [$0] } ?? []
    }
    pipeline.environments = (root["environments"]?.mapping?.entries ?? []).map { entry in
      Pipeline.Environment(
        place: Pipeline.Place(entry.key, at: entry.keyLocation),
        after: entry.value["after"]?.list?.compactMap(place) ?? [],
        rules: rules(entry.value, over: pipeline.defaults)
      )
    }
    pipeline.references = root["references"]
    return (
      pipeline, (problems + pipeline.orderProblems() + idleExpiries(root, pipeline)).inReadingOrder()
    )
  }

  /// Somebody who says how long a gate waits has most likely meant that there is one.
  private static func idleExpiries(_ root: YAMLNode, _ pipeline: Pipeline) -> [Diagnostic] {
    let key = "gateExpiry"
    var places: [SourceLocation?] = pipeline.environments.filter { !$0.rules.requiresManualGate }.map {
      root["environments"]?[$0.name]?.mapping?.entry(key)?.keyLocation
    }
    if !pipeline.defaults.requiresManualGate,
      !pipeline.environments.contains(where: \.rules.requiresManualGate)
    {
      places.append(root.mapping?.entry(key)?.keyLocation)
    }
    return places.compactMap(\.self).map { place in
      .warning(
        "pipeline.expiry-without-gate",
        "`gateExpiry` is given where there is no gate",
        at: place,
        hint: "set requiresManualGate: true beside it, or remove it"
      )
    }
  }

  private static func place(_ node: YAMLNode) -> Pipeline.Place? {
    node.scalar.map { Pipeline.Place($0.text, at: node.location) }
  }

  private static func rules(_ node: YAMLNode, over base: TaskRules) -> TaskRules {
    var rules = base
    if let value = node["requiresManualGate"]?.bool { rules.requiresManualGate = value }
    if let text = node["gateExpiry"]?.string { rules.gateExpirySeconds = seconds(text) }
    if let flow = node["flowControl"] {
      if let value = flow["skipRefresh"]?.bool { rules.skipsRefresh = value }
      if let value = flow["previewBeforeUpdate"]?.bool { rules.previewsFirst = value }
    }
    if let text = node["engine"]?.string { rules.engine = EngineName(rawValue: text) }
    if let backend = node["backend"] { rules.backend = backend.json }
    return rules
  }

  /// - Parameter text: as the schema has it: `90s`, `30m`, `72h`, `7d`.
  static func seconds(_ text: String) -> Int? {
    let factors: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
    guard let factor = text.last.flatMap({ factors[$0] }), let count = Int(text.dropLast()) else {
      return nil
    }
    let (product, overflow) = count.multipliedReportingOverflow(by: factor)
    return overflow ? nil : product
  }
}
