import StackModel
import YAMLTree

extension EcsRules {
  mutating func checkContainers() {
    let names = service.containers.map { ($0.name, $0.view["name"] ?? $0.view) }
    checkUnique("ecs.container.name.unique", names) { "another container of the task is named `\($0)`" }
    if let main = service.main, let port = main.view["port"], main.view["ports"] != nil {
      error(
        "ecs.container.port.one-form",
        port,
        "the container has `port` and `ports`",
        hint: "write the port into `ports`"
      )
    }
  }

  mutating func checkPorts() {
    if service.networkMode == .none {
      for container in service.containers where !container.ports.isEmpty {
        let view = container.view["ports"] ?? container.view["port"] ?? container.view
        error("ecs.port.none", view, "with network mode none a container has no ports")
      }
      return
    }
    checkContainerPorts()
    checkHostPorts()
    let names = service.containers.flatMap(\.ports).compactMap { port in
      port.name.map { ($0, port.view["name"] ?? port.view) }
    }
    checkUnique("ecs.port.unique", names) { "another port of the task is named `\($0)`" }
  }

  private struct PortKey: Hashable {
    /// Nil where all containers have their ports from one interface.
    var container: String?
    var port: Int
    var transport: String
  }

  /// `ecs.port.unique`, for container ports.
  private mutating func checkContainerPorts() {
    var owners: [PortKey: String] = [:]
    for container in service.containers {
      for port in container.ports {
        let key = PortKey(
          container: service.networkMode.sharesPorts ? nil : container.name,
          port: port.containerPort,
          transport: port.transport
        )
        guard let owner = owners[key] else {
          owners[key] = container.name
          continue
        }
        error(
          "ecs.port.unique",
          port.view["containerPort"] ?? port.view,
          "port \(port.containerPort)/\(port.transport) is taken by container `\(owner)`"
        )
      }
    }
  }

  /// `ecs.port.host`, and `ecs.port.unique` for host ports.
  private mutating func checkHostPorts() {
    var owners: [PortKey: String] = [:]
    for container in service.containers {
      for port in container.ports {
        guard let host = port.givenHostPort, let view = port.view["hostPort"] else { continue }
        if service.networkMode.sharesPorts {
          // Fargate says so in words of its own.
          guard host != port.containerPort, !service.isFargate else { continue }
          let mode = service.networkMode.rawValue
          error("ecs.port.host", view, "with network mode \(mode) a container's port is its host port")
          continue
        }
        guard host != 0 else { continue }
        let key = PortKey(port: host, transport: port.transport)
        if let owner = owners[key] {
          error(
            "ecs.port.unique",
            view,
            "host port \(host)/\(port.transport) is taken by container `\(owner)`"
          )
        }
        owners[key] = owners[key] ?? container.name
      }
    }
  }

  mutating func checkMemory() {
    let claims = [
      ("memory", "MiB", service.taskMemory, service.containers.map(\.claimedMemory)),
      ("cpu", "units", service.taskCpu, service.containers.map { $0.ownCpu ?? 0 }),
    ]
    for (field, unit, size, parts) in claims {
      let sum = parts.reduce(0, +)
      guard let view = spec["container"]?[field] else { continue }
      if sum > size {
        error("ecs.memory.sum", view, "containers ask for \(sum) \(unit), the task has \(size)")
      } else if sum == size, service.sizesMain {
        error(
          "ecs.memory.sum",
          view,
          "containers ask for all \(size) \(unit); the main container is left none"
        )
      }
    }
    for container in service.containers {
      guard let memory = container.ownMemory, let soft = container.memoryReservation, soft >= memory,
        let view = container.view["memoryReservation"]
      else { continue }
      error(
        "ecs.memory.reservation",
        view,
        "memoryReservation (\(soft)) has to be less than memory (\(memory))"
      )
    }
  }
}
