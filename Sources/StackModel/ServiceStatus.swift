/// How a service is doing on its platform, at one moment.
package struct ServiceStatus: Sendable, Hashable {
  package enum Health: String, Sendable, CaseIterable {
    /// Rolled out, and all that was asked for is ready.
    case healthy
    /// A roll-out is under way.
    case progressing
    /// Rolled out, but less is ready than was asked for.
    case degraded
    /// The roll-out has failed.
    case failed
  }

  /// What was asked about, for example `deployment shop/web`.
  package var subject: String
  package var rollout: Rollout
  package var replicas: Replicas
  package var problems: [Problem]
  package var autoscaling: Autoscaling?
  package var endpoints: [Endpoint]
  /// What could not be found out, and why.
  package var notes: [String]
  package var fetchedAt: Timestamp

  package init(
    subject: String,
    rollout: Rollout,
    replicas: Replicas,
    problems: [Problem] = [],
    autoscaling: Autoscaling? = nil,
    endpoints: [Endpoint] = [],
    notes: [String] = [],
    fetchedAt: Timestamp
  ) {
    self.subject = subject
    self.rollout = rollout
    self.replicas = replicas
    self.problems = problems
    self.autoscaling = autoscaling
    self.endpoints = endpoints
    self.notes = notes
    self.fetchedAt = fetchedAt
  }

  package var health: Health {
    switch rollout.state {
    case .failed, .rolledBack: .failed
    case .inProgress, .paused: .progressing
    case .complete:
      replicas.areReady && !endpoints.contains { $0.unhealthyTargets > 0 } ? .healthy : .degraded
    }
  }
}

extension ServiceStatus {
  /// The newest change of what runs, on its way to all replicas.
  package struct Rollout: Sendable, Hashable {
    package enum State: String, Sendable {
      case complete
      case inProgress = "in_progress"
      case paused
      case failed
      /// The platform gave up and went back to what ran before.
      case rolledBack = "rolled_back"
    }

    package var state: State
    /// Replicas that are of the newest revision, of so many.
    package var updated: Int
    package var desired: Int
    /// What is rolled out: a Deployment's revision, a task definition.
    package var revision: String?
    /// The platform's name for this roll-out, where it has one.
    package var id: String?
    /// Why it has failed, or what it waits for.
    package var reason: String?

    package init(
      state: State,
      updated: Int,
      desired: Int,
      revision: String? = nil,
      id: String? = nil,
      reason: String? = nil
    ) {
      self.state = state
      self.updated = updated
      self.desired = desired
      self.revision = revision
      self.id = id
      self.reason = reason
    }
  }

  /// Pods or tasks, those of earlier revisions included.
  package struct Replicas: Sendable, Hashable {
    package var desired: Int
    package var running: Int
    /// Those that take requests; nil where the platform does not look.
    package var ready: Int?

    package init(desired: Int, running: Int, ready: Int?) {
      self.desired = desired
      self.running = running
      self.ready = ready
    }

    var areReady: Bool { running >= desired && (ready ?? running) >= desired }
  }

  /// A pod, a task or what makes them, and what is wrong with it.
  package struct Problem: Sendable, Hashable {
    /// For example `pod web-7d4-x2`.
    package var subject: String
    /// How many others fail in the same way and are not listed.
    package var alike: Int
    /// For example `container app: CrashLoopBackOff, exit code 137 (OOMKilled), 4 restarts`.
    package var reasons: [String]
    /// Newest first.
    package var events: [Event]

    package init(subject: String, alike: Int = 0, reasons: [String], events: [Event] = []) {
      self.subject = subject
      self.alike = alike
      self.reasons = reasons
      self.events = events
    }
  }

  /// What the platform itself noted.
  package struct Event: Sendable, Hashable {
    /// One word; nil where the platform has none.
    package var reason: String?
    package var message: String
    /// How often it was seen.
    package var count: Int
    /// RFC 3339, as the platform wrote it.
    package var time: String?

    package init(reason: String?, message: String, count: Int = 1, time: String? = nil) {
      self.reason = reason
      self.message = message
      self.count = count
      self.time = time
    }
  }

  package struct Autoscaling: Sendable, Hashable {
    package struct Target: Sendable, Hashable {
      /// For example `cpu`.
      package var name: String
      /// With unit, for example `71%`; nil while nothing was measured.
      package var current: String?
      package var target: String

      package init(name: String, current: String?, target: String) {
        self.name = name
        self.current = current
        self.target = target
      }
    }

    package var minimum: Int
    package var maximum: Int
    package var current: Int?
    /// What it asks for now.
    package var desired: Int?
    package var targets: [Target]
    /// Conditions under which it does not do what one expects.
    package var conditions: [String]

    package init(
      minimum: Int,
      maximum: Int,
      current: Int? = nil,
      desired: Int? = nil,
      targets: [Target] = [],
      conditions: [String] = []
    ) {
      self.minimum = minimum
      self.maximum = maximum
      self.current = current
      self.desired = desired
      self.targets = targets
      self.conditions = conditions
    }
  }

  /// Where the service can be reached.
  package struct Endpoint: Sendable, Hashable {
    /// For example `ingress`.
    package var kind: String
    /// A URL, or a host with a port.
    package var address: String
    /// Load balancers and the like that stand behind it, or what it waits for.
    package var details: [String]
    package var healthyTargets: Int?
    package var unhealthyTargets: Int

    package init(
      kind: String,
      address: String,
      details: [String] = [],
      healthyTargets: Int? = nil,
      unhealthyTargets: Int = 0
    ) {
      self.kind = kind
      self.address = address
      self.details = details
      self.healthyTargets = healthyTargets
      self.unhealthyTargets = unhealthyTargets
    }
  }
}

extension ServiceStatus.Event {
  /// For example `Warning FailedScheduling (12 times): 0/3 nodes are available`.
  package var line: String {
    let times = count > 1 ? " (\(count) times)" : ""
    return reason.map { "Warning \($0)\(times): \(message)" } ?? "\(message)\(times)"
  }
}
