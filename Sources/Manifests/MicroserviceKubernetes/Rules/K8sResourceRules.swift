import StackModel
import YAMLTree

extension K8sRules {
  /// "for example `512M` or `512Mi`"
  static func meant(_ text: String) -> String? {
    let quantities = Quantity.meant(by: text).map { "`\($0)`" }
    return quantities.isEmpty
      ? "quantities are such as 500m, 2, 512Mi, 1Gi" : "did you mean \(Words.alternatives(quantities))?"
  }

  /// `k8s.quantity` and `k8s.quantity.milli`
  mutating func checkQuantities() {
    for container in service.allContainers {
      for list in ["limits", "requests"] {
        for amount in container.amounts(list) {
          checkQuantity(amount.text, amount.view, isSize: amount.name != "cpu" && !amount.name.contains("/"))
        }
      }
    }
    for volume in service.volumes {
      guard let view = volume.blocks.first?.view["sizeLimit"], let text = view.string else { continue }
      checkQuantity(text, view, isSize: true)
    }
  }

  private mutating func checkQuantity(_ text: String, _ view: DecodingView, isSize: Bool) {
    if Quantity(text) == nil {
      let isNegative = text.hasPrefix("-") && Quantity(String(text.dropFirst())) != nil
      error(
        "k8s.quantity",
        view,
        isNegative ? "an amount is not negative" : "`\(text)` is not a quantity",
        hint: isNegative ? nil : Self.meant(text)
      )
    } else if isSize, text.hasSuffix("m") {
      warning(
        "k8s.quantity.milli",
        view,
        "`\(text)` are thousandths of a byte",
        hint: "did you mean `\(text.dropLast())Mi`?"
      )
    }
  }

  /// `k8s.resources.order` and `k8s.resources.name`
  mutating func checkResources() {
    for container in service.allContainers {
      for list in ["limits", "requests"] {
        for amount in container.amounts(list) { checkResourceName(amount.name, amount.view) }
      }
      for (name, text, view) in container.amounts("requests") {
        guard let request = Quantity(text), let limit = container.amount("limits", name) else { continue }
        if name.contains("/"), request != limit {
          error("k8s.resources.order", view, "request and limit of `\(name)` are equal for such resources")
        } else if request > limit {
          let limitText = container.amounts("limits").first { $0.name == name }?.text ?? ""
          error(
            "k8s.resources.order",
            view,
            "`\(container.name)` requests more \(name) (\(text)) than its limit (\(limitText))"
          )
        }
      }
    }
  }

  private static let resources = ["cpu", "memory", "ephemeralStorage"]

  private mutating func checkResourceName(_ name: String, _ view: DecodingView) {
    if ["cpu", "memory", "ephemeral-storage"].contains(name) { return }
    if name.contains("/"), name.isLabelKey { return }
    if name.hasPrefix("hugepages-"), Quantity(String(name.dropFirst(10))) != nil { return }
    error(
      "k8s.resources.name",
      view,
      "`\(name)` is not a resource",
      hint: Self.nearest(name, Self.resources)
        ?? "resources are cpu, memory, ephemeralStorage, hugepages-<size> and those of devices, such as nvidia.com/gpu"
    )
  }
}
