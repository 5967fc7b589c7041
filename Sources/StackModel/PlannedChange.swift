/// What a plan means to do to one resource.
package struct PlannedChange: Sendable, Hashable {
  package enum Action: String, Sendable, CaseIterable {
    case noop = "no-op"
    case create, read, update, replace, delete, forget
  }

  /// Where the resource stands in the program, for example `aws_ecs_service.this`.
  package var address: String
  package var type: String
  package var action: Action
  /// Why, in the engine's word, for example `cannot_update`.
  package var reason: String?
  /// The address it had before, when it only moved.
  package var previousAddress: String?
  /// The id it is imported by, when it is.
  package var importID: String?
  /// The attributes that differ, in the order of their names.
  package var attributes: [AttributeChange]

  package init(
    address: String,
    type: String,
    action: Action,
    reason: String? = nil,
    previousAddress: String? = nil,
    importID: String? = nil,
    attributes: [AttributeChange] = []
  ) {
    self.address = address
    self.type = type
    self.action = action
    self.reason = reason
    self.previousAddress = previousAddress
    self.importID = importID
    self.attributes = attributes
  }
}

/// One attribute that a plan changes.
package struct AttributeChange: Sendable, Hashable {
  /// A value on either side of a change.
  package enum Value: Sendable, Hashable {
    case absent
    case known(JSONValue)
    case knownAfterApply
    case sensitive
  }

  /// For example `desired_count` or `network_configuration[0].subnets`.
  package var path: String
  package var before: Value
  package var after: Value
  /// This attribute is why the resource must be replaced.
  package var forcesReplacement: Bool

  package init(path: String, before: Value, after: Value, forcesReplacement: Bool = false) {
    self.path = path
    self.before = before
    self.after = after
    self.forcesReplacement = forcesReplacement
  }
}

/// How many resources a plan or an apply touches, counted as Terraform counts them: a replacement
/// is one added and one removed.
package struct ChangeSummary: Sendable, Hashable {
  package var add = 0
  package var change = 0
  package var remove = 0
  package var `import` = 0

  package init(add: Int = 0, change: Int = 0, remove: Int = 0, import imported: Int = 0) {
    self.add = add
    self.change = change
    self.remove = remove
    self.import = imported
  }

  package init(counting changes: some Sequence<PlannedChange>) {
    for item in changes {
      if item.importID != nil { self.import += 1 }
      switch item.action {
      case .create: add += 1
      case .update: change += 1
      case .delete: remove += 1
      case .replace:
        add += 1
        remove += 1
      case .noop, .read, .forget: break
      }
    }
  }

  package var isEmpty: Bool { add == 0 && change == 0 && remove == 0 && self.import == 0 }

  package init?(json: JSONValue?) {
    guard let json, json.object != nil else { return nil }
    self.init(
      add: json["add"]?.int ?? 0,
      change: json["change"]?.int ?? 0,
      remove: json["remove"]?.int ?? 0,
      import: json["import"]?.int ?? 0
    )
  }

  package var json: JSONValue {
    ["add": .int(add), "change": .int(change), "remove": .int(remove), "import": .int(self.import)]
  }
}

/// A value that the program hands back, for example the service's URL.
package struct StackOutput: Sendable, Hashable {
  package var name: String
  package var value: JSONValue
  package var isSensitive: Bool

  package init(name: String, value: JSONValue, isSensitive: Bool) {
    self.name = name
    self.value = value
    self.isSensitive = isSensitive
  }
}
