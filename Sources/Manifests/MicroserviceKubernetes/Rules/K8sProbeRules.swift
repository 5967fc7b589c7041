import StackModel
import YAMLTree

extension K8sRules {
  mutating func checkProbes() {
    for container in service.containers {
      for field in K8sContainer.probes {
        guard let probe = container.view[field] else { continue }
        checkHandlers(probe)
        for handler in ["httpGet", "tcpSocket"] {
          if let block = probe[handler] { checkPort(block, container) }
        }
        if let block = probe["grpc"] { checkGRPCPort(block) }
        if let block = probe["httpGet"] { checkPath(block) }
        checkNumbers(probe, field)
        if let view = probe["tcpSocket"]?["host"], view.string?.isEmpty == false {
          error(
            "k8s.probe.tcp-host",
            view,
            "Terraform's provider has no such field; the pod itself is asked",
            hint: "drop `host`"
          )
        }
      }
    }
  }

  /// `k8s.probe.handler`
  private mutating func checkHandlers(_ probe: DecodingView) {
    let all = ["httpGet", "grpc", "tcpSocket", "exec"]
    let written = all.filter { probe[$0] != nil }
    if written.isEmpty {
      error("k8s.probe.handler", probe, "a probe needs one of \(Words.alternatives(all.map { "`\($0)`" }))")
    } else if written.count > 1 {
      let words = written.map { "`\($0)`" }.joined(separator: " and ")
      error("k8s.probe.handler", probe, "the probe has \(words)", hint: "keep one of them")
    }
  }

  /// `k8s.probe.port`, for probes and hooks
  private mutating func checkPort(_ block: DecodingView, _ container: K8sContainer) {
    let reference = K8sPortReference(block, of: container)
    if reference.written.count > 1 {
      let words = reference.written.compactMap(\.path.lastKey).map { "`\($0)`" }
      error(
        "k8s.probe.port",
        reference.written[1],
        "\(words.joined(separator: " and ")) are the same field",
        hint: "keep one of them"
      )
    } else if let name = reference.name, reference.number == nil, let view = reference.written.first {
      let names = container.ports.compactMap(\.name)
      error(
        "k8s.probe.port",
        view,
        "container `\(container.name)` has no port `\(name)`",
        hint: name.isMade(of: \.isAsciiDigit) ? "a number stands without quotes" : Self.nearest(name, names)
      )
    } else if reference.written.isEmpty, reference.number == nil {
      error(
        "k8s.probe.port",
        block,
        field: "port",
        container.ports.isEmpty
          ? "container `\(container.name)` has no port to ask"
          : "container `\(container.name)` has several ports",
        hint: "set `port`"
      )
    }
  }

  private mutating func checkGRPCPort(_ block: DecodingView) {
    if let view = block["portNumber"], block["port"] != nil {
      error(
        "k8s.probe.port",
        view,
        "`port` and `portNumber` are the same field",
        hint: "keep one of them"
      )
    } else if block["port"] == nil, block["portNumber"] == nil {
      error("k8s.probe.port", block, field: "port", "a grpc probe needs the number of a port")
    }
  }

  /// `k8s.probe.path`
  private mutating func checkPath(_ block: DecodingView) {
    guard let view = block["path"], let path = view.string, !path.hasPrefix("/") else { return }
    error("k8s.probe.path", view, "a path begins with `/`", hint: "write `/\(path)`")
  }

  /// `k8s.probe.threshold` and `k8s.probe.time`
  private mutating func checkNumbers(_ probe: DecodingView, _ field: String) {
    if field != "readinessProbe", let view = probe["successThreshold"], let count = view.int, count > 1 {
      error(
        "k8s.probe.threshold",
        view,
        "one success is all that a \(field == "startupProbe" ? "startup" : "liveness") probe waits for",
        hint: "set it to 1, or drop it"
      )
    }
    guard let view = probe["timeoutSeconds"], let timeout = view.int else { return }
    let period = probe["periodSeconds"]?.int.flatMap { $0 == 0 ? nil : $0 } ?? 10
    if timeout > period {
      warning(
        "k8s.probe.time",
        view,
        "timeoutSeconds (\(timeout)) is longer than periodSeconds (\(period))"
      )
    }
  }

  /// `k8s.pre-stop.time`, and the port and path of a hook
  mutating func checkHooks() {
    for container in service.containers {
      guard let hook = container.view["lifecycle"]?["preStop"] else { continue }
      if let block = hook["httpGet"] {
        checkPort(block, container)
        checkPath(block)
      }
      guard let view = hook["sleepSeconds"], let seconds = view.int, seconds >= service.gracePeriod else {
        continue
      }
      error(
        "k8s.pre-stop.time",
        view,
        "the sleep (\(seconds) s) takes all of the grace period (\(service.gracePeriod) s)",
        hint: "raise `spec.pod.terminationGracePeriodSeconds`"
      )
    }
  }
}

extension FieldPath {
  /// The name of the field itself.
  var lastKey: String? { if case .key(let key)? = steps.last { key } else { nil } }
}
