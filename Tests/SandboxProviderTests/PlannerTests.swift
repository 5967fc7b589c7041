import PluginWire
import SandboxProvider
import StackModel
import TerraformPlugin
import Testing

@Suite("Planning")
struct PlannerTests {
  private static func type(_ json: JSONValue) throws -> RecordedType {
    let provider = try RecordedProvider([
      "provider": "registry.terraform.io/example/thing", "version": "1.0.0", "resources": ["thing": json],
    ])
    return try #require(provider.resources["thing"])
  }

  private static let thing: JSONValue = [
    "attributes": [
      "id": ["type": "string", "computed": true, "optional": true],
      "name": ["type": "string", "required": true, "force_new": true],
      "size": ["type": "number", "optional": true, "default": 3],
      "cpu": ["type": "string", "optional": true, "suppressed": "quantity"],
      "note": ["type": "string", "optional": true],
      "secret_wo": ["type": "string", "optional": true, "write_only": true],
    ],
    "blocks": [
      "rule": [
        "mode": "list",
        "attributes": [
          "port": ["type": "number", "required": true], "uid": ["type": "string", "computed": true],
        ],
      ],
      "strategy": [
        "mode": "list", "computed": true, "max_items": 1,
        "attributes": ["kind": ["type": "string", "optional": true]],
      ],
      "claim": [
        "mode": "list", "force_new": true, "attributes": ["path": ["type": "string", "optional": true]],
      ],
    ],
  ]

  private func value(_ json: JSONValue, _ type: RecordedType) throws -> Value {
    try Value(json: json, as: type.type)
  }

  private func plan(_ configuration: JSONValue, prior: JSONValue = nil) throws -> (
    planned: Value, replaces: [AttributePath]
  ) {
    let type = try Self.type(Self.thing)
    var given = configuration.object ?? JSONObject()
    for name in ["rule", "strategy", "claim"] where given[name] == nil { given[name] = [] }
    let configuration = try value(.object(given), type)
    let prior = try value(prior, type)
    var proposed = configuration
    if !prior.isNull { proposed["id"] = prior["id"] }
    return Planner.plan(
      type,
      PlanQuestion(type: "thing", prior: prior, proposed: proposed, configuration: configuration)
    )
  }

  private let existing: JSONValue = [
    "id": "1", "name": "a", "size": 3, "cpu": "1", "note": "", "rule": [["port": 80, "uid": "u"]],
    "strategy": [["kind": "Rolling"]], "claim": [],
  ]

  @Test("A new resource has defaults, and unknown values where the provider computes")
  func create() throws {
    let (planned, replaces) = try plan(["name": "a", "rule": [["port": 80]], "secret_wo": "x"])
    #expect(planned["id"] == .unknown)
    #expect(planned["size"] == .int(3))
    #expect(planned["note"] == .null)
    #expect(planned["secret_wo"] == .null)
    #expect(planned.at("rule.0.uid") == .unknown)
    #expect(planned["strategy"] == .unknown)
    #expect(replaces.isEmpty)
  }

  @Test("Nothing changes where the configuration says the same in other words")
  func same() throws {
    let (planned, replaces) = try plan(
      ["name": "a", "cpu": "1000m", "rule": [["port": 80]]],
      prior: existing
    )
    let type = try Self.type(Self.thing)
    #expect(planned == (try value(existing, type)))
    #expect(replaces.isEmpty)
  }

  @Test("Computed values stay known at an update; a new block's are unknown")
  func update() throws {
    let (planned, replaces) = try plan(
      ["name": "a", "cpu": "2", "rule": [["port": 81], ["port": 82]]],
      prior: existing
    )
    #expect(planned["id"] == .string("1"))
    #expect(planned["cpu"] == .string("2"))
    #expect(planned.at("rule.0.uid") == .string("u"))
    #expect(planned.at("rule.1.uid") == .unknown)
    #expect(replaces.isEmpty)
  }

  @Test("A change of what cannot change in place names its path")
  func replace() throws {
    let (_, replaces) = try plan(
      ["name": "b", "rule": [["port": 80]], "claim": [["path": "/x"]]],
      prior: existing
    )
    #expect(replaces == [AttributePath([.attribute("name")]), AttributePath([.attribute("claim")])])
  }

  @Test("Attributes become fixed with an immutable object")
  func immutable() throws {
    let type = try Self.type([
      "attributes": [
        "immutable": ["type": "bool", "optional": true],
        "data": ["type": ["map", "string"], "optional": true],
      ], "force_new_when_immutable": ["data", "immutable"],
    ])
    for isImmutable in [true, false] {
      let prior = try value(["immutable": .bool(isImmutable), "data": ["a": "1"]], type)
      let configuration = try value(["immutable": .bool(isImmutable), "data": ["a": "2"]], type)
      let (_, replaces) = Planner.plan(
        type,
        PlanQuestion(type: "thing", prior: prior, proposed: configuration, configuration: configuration)
      )
      #expect(replaces == (isImmutable ? [AttributePath([.attribute("data")])] : []))
    }
  }

  @Test("A set's elements find their prior selves whatever their order")
  func sets() throws {
    let type = try Self.type([
      "blocks": [
        "rule": [
          "mode": "set",
          "attributes": [
            "port": ["type": "number", "required": true], "uid": ["type": "string", "computed": true],
          ],
        ]
      ]
    ])
    let prior = try value(["rule": [["port": 1, "uid": "a"], ["port": 2, "uid": "b"]]], type)
    let configuration = try value(["rule": [["port": 2], ["port": 3]]], type)
    let planned = Planner.plan(
      type,
      PlanQuestion(type: "thing", prior: prior, proposed: configuration, configuration: configuration)
    ).planned
    #expect(planned.at("rule.0.uid") == .string("b"))
    #expect(planned.at("rule.1.uid") == .unknown)
  }

  /// Plans something new of a type of its own.
  private func create(_ type: JSONValue, _ configuration: JSONValue) throws -> Value {
    let type = try Self.type(type)
    let configuration = try value(configuration, type)
    return Planner.plan(
      type,
      PlanQuestion(type: "thing", prior: .null, proposed: configuration, configuration: configuration)
    ).planned
  }

  @Test("A set's elements are planned with zeros, those of blocks within them too")
  func zeros() throws {
    let planned = try create(
      [
        "blocks": [
          "volume": [
            "mode": "set", "attributes": ["path": ["type": "string", "optional": true]],
            "blocks": [
              "files": ["mode": "list", "attributes": ["port": ["type": "number", "optional": true]]]
            ],
          ]
        ]
      ],
      ["volume": [["files": [[:]]]]]
    )
    #expect(planned.at("volume.0.path") == .string(""))
    #expect(planned.at("volume.0.files.0.port") == .int(0))
  }

  @Test("An empty collection inside a block is none, and at the top it is itself")
  func empty() throws {
    let groups: JSONValue = ["groups": ["type": ["set", "string"], "optional": true]]
    let planned = try create(
      ["attributes": groups, "blocks": ["network": ["mode": "list", "attributes": groups]]],
      ["groups": [], "network": [["groups": []]]]
    )
    #expect(planned["groups"] == .list([]))
    #expect(planned.at("network.0.groups") == .null)
  }

  @Test(
    "What means nothing to a kind of resource is not planned for it",
    arguments: [("net", Value.null), ("app", .int(60)), (nil, .int(60))] as [(String?, Value)]
  )
  func relevance(kind: String?, timeout: Value) throws {
    let planned = try create(
      [
        "attributes": [
          "kind": ["type": "string", "optional": true, "default": "app"],
          "timeout": [
            "type": "number", "optional": true, "default": 60,
            "only_when": ["attribute": "kind", "in": ["app"]],
          ],
        ]
      ],
      ["kind": kind.map(JSONValue.string) ?? .null]
    )
    #expect(planned["timeout"] == timeout)
  }

  @Test(
    "A policy is kept with its version first",
    arguments: [
      (#"{"Statement":[],"Version":"2012-10-17"}"#, #"{"Version":"2012-10-17","Statement":[]}"#),
      (#"{"Version":"2012-10-17","Statement":[]}"#, #"{"Version":"2012-10-17","Statement":[]}"#), ("", ""),
    ]
  )
  func policy(_ given: String, _ kept: String) throws {
    let planned = try create(
      ["attributes": ["policy": ["type": "string", "required": true, "suppressed": "policy"]]],
      ["policy": .string(given)]
    )
    #expect(planned["policy"] == .string(kept))
  }
}

@Suite("Templates")
struct TemplateTests {
  @Test(
    "A setting is looked up in a table, and a star stands for any end",
    arguments: [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("eu-central-1", "aws")]
  )
  func map(region: String, partition: String) {
    let template = Template(
      resource: .null,
      configuration: .object(["region": .string(region)]),
      seed: "",
      count: { _, start in start }
    )
    #expect(template.text("{map:config:region:us-gov-*=aws-us-gov,cn-*=aws-cn,*=aws}") == partition)
  }
}

@Suite("Quantities")
struct QuantityTests {
  @Test(
    "An amount has one canonical text",
    arguments: [
      ("1000m", "1"), ("0.5", "500m"), ("1.5Gi", "1536Mi"), ("1024Mi", "1Gi"), ("2000", "2k"),
      ("100m", "100m"),
      ("0", "0"), ("lots", "lots"),
    ]
  )
  func canonical(_ text: String, _ expected: String) { #expect(Quantity.canonical(text) == expected) }

  @Test("Texts that are no amount have none", arguments: ["", "lots", "1Zi", "--1", "1 Gi"])
  func none(_ text: String) { #expect(Quantity.amount(text) == nil) }
}

@Suite("Faults")
struct FaultTests {
  @Test("A fault strikes at the n-th call that fits and at no other")
  func nth() throws {
    let plan = FaultPlan(try Fault.list(#"{"do": "fail", "type": "a", "nth": 2}"#))
    #expect(plan.striking(.apply, type: "a").isEmpty)
    #expect(plan.striking(.apply, type: "b").isEmpty)
    #expect(plan.striking(.read, type: "a").isEmpty)
    #expect(plan.striking(.apply, type: "a").count == 1)
    #expect(plan.striking(.apply, type: "a").isEmpty)
  }

  @Test(
    "Faults that cannot be are refused",
    arguments: [#"{"do": "explode"}"#, #"[{"do": "fail", "when": "never"}]"#, "{"]
  )
  func broken(_ text: String) {
    #expect(throws: (any Error).self) { try Fault.list(text) }
  }
}
