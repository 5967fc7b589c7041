import StackModel

/// In which order overlays are deployed, and which wait for which.
package struct TaskOrder: Sendable, Hashable {
  package struct Entry: Sendable, Hashable {
    package var name: String
    package var after: [String]
  }

  /// In an order in which nothing comes before what it waits for.
  package let entries: [Entry]

  /// - Parameter overlays: the selected ones. An environment that is not among them is passed over: what waits for
  ///   it waits for what it would have waited for.
  package init(_ overlays: [String], by pipeline: Pipeline) {
    let names = overlays.sorted()
    let selected = Set(names)
    let waits = pipeline.waits(among: names)
    func reach(_ name: String, _ seen: inout Set<String>) -> Set<String> {
      var found: Set<String> = []
      for next in waits[name] ?? [] where seen.insert(next).inserted {
        if selected.contains(next) { found.insert(next) } else { found.formUnion(reach(next, &seen)) }
      }
      return found
    }
    var after: [String: Set<String>] = [:]
    for name in names {
      var seen: Set<String> = [name]
      after[name] = reach(name, &seen)
    }
    var entries: [Entry] = []
    var left = names
    // Of all that may be next, the first by name. Cycles were refused when the file was read; what is left in
    // one is taken as it comes, so that this ends.
    while !left.isEmpty {
      let done = Set(entries.map(\.name))
      let index = left.firstIndex { (after[$0] ?? []).isSubset(of: done) } ?? 0
      let name = left.remove(at: index)
      entries.append(Entry(name: name, after: (after[name] ?? []).sorted()))
    }
    self.entries = entries
  }
}

extension Pipeline {
  /// What each environment waits for, selected or not.
  fileprivate func waits(among names: [String]) -> [String: [String]] {
    var waits: [String: [String]] = [:]
    for environment in environments { waits[environment.name] = environment.after.map(\.name) }
    guard !order.isEmpty else { return waits }
    for (earlier, later) in zip(order, order.dropFirst()) {
      for place in later { waits[place.name] = earlier.map(\.name) }
    }
    let listed = Set(order.flatMap(\.self).map(\.name))
    for name in names where !listed.contains(name) { waits[name] = order.last?.map(\.name) ?? [] }
    return waits
  }

  /// What makes an order impossible or unclear.
  func orderProblems() -> [Diagnostic] {
    var problems: [Diagnostic] = []
    if !order.isEmpty {
      for place in environments.compactMap(\.after.first) {
        problems.append(
          .error(
            "pipeline.order-twice",
            "the order is given by `order` and by `after`",
            at: place.location,
            hint: "keep one of them"
          )
        )
      }
      var seen: Set<String> = []
      for place in order.flatMap(\.self) where !seen.insert(place.name).inserted {
        problems.append(
          .error("pipeline.order-repeated", "`\(place.name)` stands in `order` twice", at: place.location)
        )
      }
    }
    return problems + cycles()
  }

  private func cycles() -> [Diagnostic] {
    let waits = Dictionary(environments.map { ($0.name, $0.after) }) { first, _ in first }
    var finished: Set<String> = []
    var problems: [Diagnostic] = []
    func visit(_ name: String, _ way: [String]) {
      guard !finished.contains(name) else { return }
      for place in waits[name] ?? [] {
        if let start = (way + [name]).firstIndex(of: place.name) {
          let circle = (way + [name])[start...] + [place.name]
          problems.append(
            .error(
              "pipeline.cycle",
              circle.count == 2
                ? "`\(place.name)` waits for itself"
                : "these wait for each other: \(circle.joined(separator: " after "))",
              at: place.location,
              hint: "take one of them out of `after`"
            )
          )
        } else {
          visit(place.name, way + [name])
        }
      }
      finished.insert(name)
    }
    for environment in environments { visit(environment.name, []) }
    return problems
  }
}
