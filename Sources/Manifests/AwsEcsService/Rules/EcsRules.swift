import StackModel
import YAMLTree

/// The rules of a service that its schema cannot say, in the order of NORMAL-FORM.md.
///
/// A rule is a function that reports what is wrong and stops nothing: all that fail are shown together.
struct EcsRules {
  let service: EcsService
  let inputs: NormalFormInputs
  private(set) var diagnostics: [Diagnostic] = []

  static func check(_ service: EcsService, inputs: NormalFormInputs) -> [Diagnostic] {
    var rules = EcsRules(service: service, inputs: inputs)
    rules.checkReferences()
    rules.checkNames()
    rules.checkARNs()
    rules.checkCluster()
    rules.checkStrategy()
    rules.checkFargate()
    rules.checkExternal()
    rules.checkPlacement()
    rules.checkContainers()
    rules.checkPorts()
    rules.checkMemory()
    rules.checkDependencies()
    rules.checkVolumes()
    rules.checkMounts()
    rules.checkProcesses()
    rules.checkEnvironment()
    rules.checkSecrets()
    rules.checkLogging()
    rules.checkNetwork()
    rules.checkRoles()
    rules.checkAlb()
    rules.checkAlbRouting()
    rules.checkAlbListener()
    rules.checkTargetHealth()
    rules.checkLoadBalancers()
    rules.checkNlb()
    rules.checkAutoscaling()
    rules.checkSchedules()
    rules.checkDeployment()
    rules.checkDiscovery()
    rules.checkTags()
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
}
