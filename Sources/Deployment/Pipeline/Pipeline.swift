package import StackModel
package import YAMLTree

/// What `stackjob.yaml` says about deploying a service. Without the file nothing is said: all selected overlays
/// are deployed in order of their names, one after another.
package struct Pipeline: Sendable {
  package static let fileName = "stackjob.yaml"

  /// The file, for messages; nil when there is none.
  package var file: String?
  /// The overlays to deploy where no label of theirs says otherwise; nil for all.
  package var deploymentEnvironments: [Place]?
  /// Groups of overlays, each deployed after the one before it.
  package var order: [[Place]] = []
  package var environments: [Environment] = []
  /// Rules for environments that say nothing else.
  package var defaults = TaskRules()
  /// Where references are looked up; kept as it stands, read by the sources.
  package var references: YAMLNode?

  package init() {}

  /// A name and where it stands.
  package struct Place: Sendable, Hashable {
    package var name: String
    package var location: SourceLocation

    package init(_ name: String, at location: SourceLocation) {
      self.name = name
      self.location = location
    }
  }

  package struct Environment: Sendable {
    package var place: Place
    package var after: [Place]
    package var rules: TaskRules
    package var name: String { place.name }
  }

  package func rules(for overlay: String) -> TaskRules {
    environments.first { $0.name == overlay }?.rules ?? defaults
  }

  /// Every overlay that the file names, wherever it does.
  package var mentioned: [Place] {
    (deploymentEnvironments ?? []) + order.flatMap(\.self)
      + environments.flatMap { [$0.place] + $0.after }
  }

  /// What stands against names that no overlay has: a gate for a name that is misspelt would guard nothing.
  package func unknownNames(overlays: [String]) -> [Diagnostic] {
    var told: Set<Place> = []
    return mentioned.filter { !overlays.contains($0.name) && told.insert($0).inserted }.map { place in
      .error(
        "pipeline.unknown-environment",
        "there is no overlay `\(place.name)`",
        at: place.location,
        hint: Suggestion.nearest(to: place.name, among: overlays).map { "did you mean `\($0)`?" }
          ?? (overlays.isEmpty ? nil : "overlays are \(overlays.sorted().joined(separator: ", "))")
      )
    }
  }
}
