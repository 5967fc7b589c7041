import StackModel
import YAMLTree

/// The rules of a service that its schema cannot say, in the order of NORMAL-FORM.md.
///
/// A rule is a function that reports what is wrong and stops nothing: all that fail are shown together.
struct EcsRules: RuleReport {
  let service: EcsService
  let inputs: NormalFormInputs
  var diagnostics: [Diagnostic] = []

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
    rules.checkGroupReferences()
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
}
