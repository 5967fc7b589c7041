import StackModel

/// Makes trees of events: follows aliases, merges maps, and gathers what is wrong.
struct TreeBuilder {
  /// Thrown when there is no use in reading on; the reason is already among the diagnostics.
  struct Stop: Error {}

  private struct Anchor {
    var node: YAMLNode
    /// Values in the node, aliases followed.
    var count: Int
    /// Levels below the node.
    var height: Int
  }

  let file: String
  let limits: YAMLReader.Limits
  private(set) var diagnostics: [Diagnostic] = []
  private var anchors: [String: Anchor] = [:]
  /// Anchors whose value is being read: an alias to one of them would contain itself.
  private var open: [String] = []
  private var count = 0
  private var aliased = 0
  private var deepest = 0

  init(file: String, limits: YAMLReader.Limits) {
    self.file = file
    self.limits = limits
  }

  mutating func report(_ diagnostic: Diagnostic) {
    if diagnostics.count < limits.diagnostics { diagnostics.append(diagnostic) }
  }

  mutating func documents(from source: borrowing EventSource) -> [YAMLNode] {
    var documents: [YAMLNode] = []
    do {
      while true {
        let event = try next(source)
        switch event.kind {
        case .streamEnd: return documents
        case .streamStart, .documentStart, .documentEnd: continue
        default:
          anchors = [:]
          open = []
          let root = try node(event, depth: 1, source)
          // Two `---` in a row, as templating tools write them, hold nothing to complain about.
          if let scalar = root.scalar, scalar.isPlain, scalar.text.isEmpty { continue }
          documents.append(root)
        }
      }
    } catch {
      return documents
    }
  }

  private mutating func next(_ source: borrowing EventSource) throws(Stop) -> Event {
    if let event = source.next() { return event }
    report(source.problem)
    throw Stop()
  }

  private mutating func node(
    _ event: Event,
    depth: Int,
    _ source: borrowing EventSource
  ) throws(Stop) -> YAMLNode {
    guard depth <= limits.depth else { throw tooDeep(event.location) }
    if case .alias(let name) = event.kind { return try alias(name, at: event.location, depth: depth) }
    guard let anchor = event.anchor else { return try content(event, depth: depth, source) }

    let countBefore = count
    let deepestBefore = deepest
    deepest = depth
    open.append(anchor)
    let node = try content(event, depth: depth, source)
    open.removeLast()
    anchors[anchor] = Anchor(node: node, count: count - countBefore, height: deepest - depth)
    deepest = max(deepest, deepestBefore)
    return node
  }

  private mutating func content(
    _ event: Event,
    depth: Int,
    _ source: borrowing EventSource
  ) throws(Stop) -> YAMLNode {
    count += 1
    deepest = max(deepest, depth)
    switch event.kind {
    case .scalar(let scalar):
      return YAMLNode(.scalar(tagged(scalar, event)), at: event.location)
    case .sequenceStart:
      checkTag(event, allowed: "seq", noun: "list")
      var elements: [YAMLNode] = []
      while true {
        let element = try next(source)
        if case .sequenceEnd = element.kind { break }
        elements.append(try node(element, depth: depth + 1, source))
      }
      return YAMLNode(.sequence(elements), at: event.location)
    default:
      checkTag(event, allowed: "map", noun: "map")
      return YAMLNode(.mapping(try mapping(depth: depth, source)), at: event.location)
    }
  }

  private mutating func mapping(depth: Int, _ source: borrowing EventSource) throws(Stop) -> YAMLMapping {
    var mapping = YAMLMapping()
    var merged: YAMLNode?
    while true {
      let event = try next(source)
      if case .mappingEnd = event.kind { break }
      let isMerge = event.isMergeKey
      let key = try node(event, depth: depth + 1, source)
      let value = try node(next(source), depth: depth + 1, source)
      if isMerge {
        if merged != nil { report(MappingProblem.secondMerge(event.location)) }
        merged = value
        continue
      }
      if let problem = MappingProblem.badKey(key) { report(problem) }
      guard let text = key.scalar?.text else { continue }
      if let first = mapping.entry(text) {
        report(MappingProblem.duplicate(text, at: event.location, first: first.keyLocation))
      } else {
        mapping.set(YAMLMapping.Entry(key: text, at: event.location, value: value))
      }
    }
    if let merged { merge(merged, into: &mapping) }
    return mapping
  }

  /// Adds the entries of `<<` that the map does not have itself. Of several maps the earlier wins.
  private mutating func merge(_ value: YAMLNode, into mapping: inout YAMLMapping) {
    let sources = value.list ?? [value]
    for source in sources {
      guard let entries = source.mapping?.entries else {
        report(MappingProblem.badMerge(source))
        continue
      }
      for entry in entries where mapping.entry(entry.key) == nil { mapping.set(entry) }
    }
  }

  private mutating func alias(_ name: String, at place: SourceLocation, depth: Int) throws(Stop) -> YAMLNode {
    if open.contains(name) {
      report(AliasProblem.cycle(name, at: place))
      throw Stop()
    }
    guard let anchor = anchors[name] else {
      report(AliasProblem.unknown(name, at: place, known: anchors.keys))
      return YAMLNode(.scalar(Scalar(plain: "")), at: place)
    }
    aliased += anchor.count
    guard aliased <= limits.aliasedNodes else {
      report(AliasProblem.tooMany(name, at: place, limit: limits.aliasedNodes))
      throw Stop()
    }
    guard depth + anchor.height <= limits.depth else { throw tooDeep(place) }
    count += anchor.count
    deepest = max(deepest, depth + anchor.height)
    return anchor.node
  }

  private mutating func tooDeep(_ place: SourceLocation) -> Stop {
    report(
      .error(
        "yaml.depth",
        "lists and maps are nested deeper than \(limits.depth) levels",
        at: place,
        hint: "a manifest needs about ten; check the brackets and the indentation"
      )
    )
    return Stop()
  }

  private mutating func tagged(_ scalar: Scalar, _ event: Event) -> Scalar {
    guard let tag = event.tag else { return scalar }
    switch Tag.apply(tag, to: scalar) {
    case .success(let scalar): return scalar
    case .failure(let problem):
      report(problem.diagnostic(at: event.location))
      return scalar
    }
  }

  private mutating func checkTag(_ event: Event, allowed: String, noun: String) {
    guard let tag = event.tag, tag != "!", tag != Tag.prefix + allowed else { return }
    report(
      Tag.Problem(tag: tag, reason: Tag.isStandard(tag) ? "is not a tag for a \(noun)" : nil).diagnostic(
        at: event.location
      )
    )
  }
}

extension Event {
  /// `<<` without quotes.
  fileprivate var isMergeKey: Bool {
    if case .scalar(let scalar) = kind { scalar.isPlain && scalar.text == "<<" } else { false }
  }
}
