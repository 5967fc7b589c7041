import StackModel
import YAMLTree

extension EcsRules {
  /// `ecs.reference`
  mutating func checkReferences() { findReferences(spec, isNameMap: false) }

  /// - Parameter isNameMap: the keys are names that somebody chose, such as an environment variable's, and
  ///   say nothing about what a value is.
  private mutating func findReferences(_ view: DecodingView, isNameMap: Bool) {
    if !isNameMap, let reference = view["valueFrom"], reference.node.mapping != nil {
      error(
        "ecs.reference",
        view,
        "`\(view.path)` refers to another resource's output, which stackjob does not resolve",
        hint: "put the value itself here"
      )
      return
    }
    for (key, child) in view.entries ?? [] {
      findReferences(child, isNameMap: !isNameMap && (key == "variables" || key == "secrets"))
    }
    for child in view.list ?? [] { findReferences(child, isNameMap: false) }
  }

  mutating func checkNames() {
    checkNameForm()
    checkNameLength()
    checkLoadBalancerNames()
    checkImages()
    checkVersion()
  }

  private var nameView: DecodingView { service.metadata["name"] ?? service.metadata }

  private mutating func checkNameForm() {
    let name = service.names.name
    if Self.isServiceName(name) { return }
    let nearest = Self.nearestServiceName(name)
    error(
      "ecs.name.form",
      nameView,
      name.hasPrefix("sg-")
        ? "an ECS service name may not begin with `sg-`, which AWS keeps for security groups"
        : "an ECS service name has letters, digits, hyphens and underscores, and begins with a letter or digit",
      hint: nearest.isEmpty ? nil : "for example `\(nearest)`"
    )
  }

  static func isServiceName(_ name: String) -> Bool {
    guard let first = name.unicodeScalars.first, first.isAsciiLetter || first.isAsciiDigit else {
      return false
    }
    return name.isMade { $0.isNameLetter || $0 == "_" } && !name.hasPrefix("sg-")
  }

  /// The name with what is illegal made a hyphen, and without what it may not begin with.
  static func nearestServiceName(_ name: String) -> String {
    let scalars = name.unicodeScalars.map { $0.isNameLetter || $0 == "_" ? $0 : "-" }
    var text = String(String.UnicodeScalarView(scalars))[...]
    while !text.isEmpty, !isServiceName(String(text)) {
      text = text.hasPrefix("sg-") ? text.dropFirst(3) : text.dropFirst()
    }
    while text.hasSuffix("-") { text.removeLast() }
    return String(text)
  }

  private mutating func checkNameLength() {
    let length = service.names.qualified.count
    if length > 200 {
      error(
        "ecs.name.length",
        nameView,
        "the name with the environment has \(length) characters, 200 are possible"
      )
    }
  }

  /// `ecs.name.lb`
  private mutating func checkLoadBalancerNames() {
    guard service.hasLoadBalancer else { return }
    let stem = service.names.loadBalancer
    if stem.isEmpty {
      error(
        "ecs.name.lb",
        nameView,
        "nothing of the name is legal in a load balancer's or target group's name"
      )
      return
    }
    for (block, name) in [(service.alb, stem), (service.nlb, "\(stem)-nlb")] {
      guard let create = block?["create"] else { continue }
      let view = create["name"] ?? nameView
      checkLoadBalancerName(create["name"]?.string ?? EcsNames.short(name, 32), view)
    }
  }

  private mutating func checkLoadBalancerName(_ name: String, _ view: DecodingView) {
    if name.hasPrefix("internal-") {
      error(
        "ecs.name.lb",
        view,
        "AWS keeps load balancer names that begin with `internal-` for itself",
        hint: "set `create.name`"
      )
    } else if name.hasPrefix("-") || name.hasSuffix("-") {
      error("ecs.name.lb", view, "a load balancer's name neither begins nor ends with a hyphen")
    }
  }

  /// `ecs.image.missing`
  private mutating func checkImages() {
    for container in service.containers where container.image.repository.isEmpty {
      error(
        "ecs.image.missing",
        container.view["image"] ?? container.view,
        field: container.view["image"] == nil ? "image" : nil,
        "container `\(container.name)` has no image",
        hint: container.isMain ? "give it with `--image` or in the manifest" : "write `image: repository:tag`"
      )
    }
  }

  /// `ecs.version.legal`
  private mutating func checkVersion() {
    guard let view = spec["version"], let text = view.string else { return }
    if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      error("ecs.version.legal", view, "a version has no control characters")
    }
  }
}
