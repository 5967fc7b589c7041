import StackModel
import YAMLTree

extension EcsRules {
  mutating func checkDependencies() {
    for container in service.containers {
      for dependency in container.view["dependsOn"]?.list ?? [] { check(dependency, of: container) }
    }
    checkCycles()
  }

  private mutating func check(_ dependency: DecodingView, of container: EcsContainer) {
    guard let view = dependency["container"], let name = view.string else { return }
    guard let other = service.containers.first(where: { $0.name == name }) else {
      let names = service.containers.map(\.name).filter { $0 != container.name }
      error(
        "ecs.depends.known",
        view,
        "the task has no container `\(name)`",
        hint: Suggestion.nearest(to: name, among: names).map { "did you mean `\($0)`?" }
      )
      return
    }
    let condition = dependency["condition"] ?? dependency
    switch condition.string {
    case "HEALTHY" where !other.hasHealthCheck:
      error("ecs.depends.healthy", condition, "`\(name)` has no health check to be healthy by")
    case "COMPLETE" where other.isEssential, "SUCCESS" where other.isEssential:
      error(
        "ecs.depends.essential",
        condition,
        "`\(name)` is essential, and an essential container that ends ends the task",
        hint: other.isMain ? "the main container is always essential" : "set `essential: false` on `\(name)`"
      )
    default: break
    }
  }

  /// `ecs.depends.acyclic`: each cycle is told once, from the container that is written first.
  private mutating func checkCycles() {
    let next = Dictionary(
      service.containers.map { ($0.name, Self.dependencies(of: $0)) },
      uniquingKeysWith: { first, _ in first }
    )
    var told: Set<String> = []
    for container in service.containers where !told.contains(container.name) {
      guard let cycle = Self.cycle(from: container.name, next) else { continue }
      told.formUnion(cycle)
      let steps = zip(cycle, cycle.dropFirst() + [container.name]).map { "`\($0)` waits for `\($1)`" }
      error(
        "ecs.depends.acyclic",
        container.view["dependsOn"] ?? container.view,
        steps.joined(separator: ", ")
      )
    }
  }

  private static func dependencies(of container: EcsContainer) -> [String] {
    (container.view["dependsOn"]?.list ?? []).compactMap { $0["container"]?.string }
  }

  /// The names on a way that leads back to its start; nil when there is none.
  private static func cycle(from start: String, _ next: [String: [String]]) -> [String]? {
    var seen: Set<String> = []
    func way(from name: String) -> [String]? {
      for other in next[name] ?? [] {
        if other == start { return [name] }
        guard seen.insert(other).inserted, let rest = way(from: other) else { continue }
        return [name] + rest
      }
      return nil
    }
    return way(from: start)
  }
}
