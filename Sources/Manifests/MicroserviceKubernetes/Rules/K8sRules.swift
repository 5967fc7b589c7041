import StackModel
import YAMLTree

/// The rules of a service that its schema cannot say, in the order of NORMAL-FORM.md.
///
/// A rule is a function that reports what is wrong and stops nothing: all that fail are shown together.
struct K8sRules: RuleReport {
  let service: K8sService
  let inputs: NormalFormInputs
  var diagnostics: [Diagnostic] = []

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

  /// "did you mean `x`?", if one of the names is near.
  static func nearest(_ word: String, _ names: [String]) -> String? {
    Suggestion.nearest(to: word, among: names).map { "did you mean `\($0)`?" }
  }
}
