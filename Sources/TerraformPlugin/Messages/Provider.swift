package import PluginWire

/// A provider as the protocol sees it: values in, values and diagnostics out.
///
/// Both protocol versions ask for the same things under other names; ``ProviderMethods`` translates.
package protocol Provider: Sendable {
  var schema: ProviderSchema { get }

  func validateProvider(_ configuration: Value) async -> [ProviderDiagnostic]
  func validate(_ kind: TypeKind, _ type: String, _ configuration: Value) async -> [ProviderDiagnostic]
  func configure(_ configuration: Value) async -> [ProviderDiagnostic]
  func read(_ type: String, current: Value) async -> StateAnswer
  func plan(_ change: PlanQuestion) async -> PlanAnswer
  func apply(_ change: ApplyQuestion) async -> StateAnswer
  func importResource(_ type: String, id: String) async -> StateAnswer
  func readData(_ type: String, _ configuration: Value) async -> StateAnswer
  func openEphemeral(_ type: String, _ configuration: Value) async -> StateAnswer
  /// Asks what is under way to end as soon as it can.
  func stop() async
}

/// The kinds of type that a provider's schema lists.
package enum TypeKind: Sendable { case resource, data, ephemeral }

/// What should become of one resource.
package struct PlanQuestion: Sendable {
  package var type: String
  /// Null for one that does not exist yet.
  package var prior: Value
  /// Terraform's merge of configuration and prior state.
  package var proposed: Value
  package var configuration: Value

  package init(type: String, prior: Value, proposed: Value, configuration: Value) {
    self.type = type
    self.prior = prior
    self.proposed = proposed
    self.configuration = configuration
  }
}

package struct PlanAnswer: Sendable {
  package var planned: Value
  package var replaces: [AttributePath]
  package var diagnostics: [ProviderDiagnostic]
  /// Whether the provider may depart from the configuration as those built on the older SDK do.
  package var isLenient: Bool

  package init(
    _ planned: Value,
    replaces: [AttributePath] = [],
    diagnostics: [ProviderDiagnostic] = [],
    isLenient: Bool = false
  ) {
    self.planned = planned
    self.replaces = replaces
    self.diagnostics = diagnostics
    self.isLenient = isLenient
  }
}

/// One planned change to carry out.
package struct ApplyQuestion: Sendable {
  package var type: String
  package var prior: Value
  /// Null for a resource to delete.
  package var planned: Value
  /// The only place where write-only values stand.
  package var configuration: Value

  package init(type: String, prior: Value, planned: Value, configuration: Value) {
    self.type = type
    self.prior = prior
    self.planned = planned
    self.configuration = configuration
  }
}

package struct StateAnswer: Sendable {
  /// Null for a resource that does not exist.
  package var state: Value
  package var diagnostics: [ProviderDiagnostic]
  package var isLenient: Bool

  package init(_ state: Value, _ diagnostics: [ProviderDiagnostic] = [], isLenient: Bool = false) {
    self.state = state
    self.diagnostics = diagnostics
    self.isLenient = isLenient
  }
}
