import StackModel
import YAMLTree

/// The rules of a service that its schema cannot say, in the order of NORMAL-FORM.md.
///
/// A rule is a function that reports what is wrong and stops nothing: all that fail are shown together.
struct K8sRules {
  let service: K8sService
  let inputs: NormalFormInputs
  private(set) var diagnostics: [Diagnostic] = []

  static func check(_ service: K8sService, inputs: NormalFormInputs) -> [Diagnostic] {
    var rules = K8sRules(service: service, inputs: inputs)
    rules.checkNames()
    rules.checkSynonyms()
    rules.checkReferences()
    rules.checkLabels()
    rules.checkAnnotations()
    rules.checkServiceAccount()
    rules.checkImages()
    rules.checkContainerNames()
    rules.checkEnvironment()
    rules.checkSecrets()
    rules.checkConfigMaps()
    rules.checkQuantities()
    rules.checkResources()
    rules.checkPorts()
    rules.checkProbes()
    rules.checkHooks()
    rules.checkMounts()
    rules.checkVolumes()
    rules.checkSecurity()
    rules.checkReplicas()
    rules.checkAutoscaling()
    rules.checkMetrics()
    rules.checkRollout()
    rules.checkDisruptionBudget()
    rules.checkScheduling()
    rules.checkService()
    rules.checkIngress()
    rules.checkWays()
    rules.checkNetworkPolicy()
    rules.checkHostAliases()
    return rules.diagnostics
  }

  var spec: DecodingView { service.spec }

  /// - Parameter field: a field that `view` lacks, and that the problem is about; dots lead further down.
  mutating func error(
    _ code: String,
    _ view: DecodingView,
    field: String? = nil,
    _ message: String,
    hint: String? = nil
  ) {
    let path = Self.path(view, field)
    diagnostics.append(.error(code, message, at: view.location, path: path.description, hint: hint))
  }

  mutating func warning(
    _ code: String,
    _ view: DecodingView,
    field: String? = nil,
    _ message: String,
    hint: String? = nil
  ) {
    let path = Self.path(view, field)
    diagnostics.append(.warning(code, message, at: view.location, path: path.description, hint: hint))
  }

  private static func path(_ view: DecodingView, _ field: String?) -> FieldPath {
    (field ?? "").split(separator: ".").reduce(view.path) { $0.appending(key: String($1)) }
  }

  /// Reports each element whose key an earlier one has.
  mutating func checkUnique<Key: Hashable>(
    _ code: String,
    _ elements: [(key: Key, view: DecodingView)],
    _ message: (Key) -> String
  ) {
    var seen: Set<Key> = []
    for (key, view) in elements where !seen.insert(key).inserted { error(code, view, message(key)) }
  }

  /// "did you mean `x`?", if one of the names is near.
  static func nearest(_ word: String, _ names: [String]) -> String? {
    Suggestion.nearest(to: word, among: names).map { "did you mean `\($0)`?" }
  }
}
