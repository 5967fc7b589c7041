package import Manifests
package import StackModel

/// The schema of `stackjob.yaml`, held by the same checker as manifests.
package enum PipelineSchema {
  package static var compiled: JSONSchema? { result.schema }
  static let problems = result.diagnostics

  private static let result = JSONSchema.compile(document, file: Pipeline.fileName)

  private static let name: JSONValue = [
    "type": "string", "minLength": 1, "examples": ["prod"],
  ]
  /// An empty list could be meant as none or as all.
  private static let names: JSONValue = [
    "type": "array", "minItems": 1, "uniqueItems": true, "items": name,
  ]

  private static let flowControl: JSONValue = [
    "type": "object",
    "additionalProperties": false,
    "description": "How the job of an environment goes.",
    "properties": [
      "skipRefresh": [
        "type": "boolean", "default": false,
        "description": "Trust the state and do not ask the platform what is there before planning.",
      ],
      "previewBeforeUpdate": [
        "type": "boolean", "default": false,
        "description": "Make a preview as a job of its own first. When it fails, nothing is changed.",
      ],
    ],
  ]

  private static let backend: JSONValue = [
    "type": "object",
    "additionalProperties": false,
    "required": ["type"],
    "description":
      "Who keeps the state, as a rule of `backends` in the settings; stronger than those, weaker than a label.",
    "properties": [
      "type": [
        "type": "string", "enum": .array(BackendName.all.map(JSONValue.string)),
        "description": "The engine's backend.",
      ],
      "config": [
        "type": "object", "additionalProperties": true, "description": "The backend's own settings.",
      ],
    ],
  ]

  private static let engine: JSONValue = [
    "type": "string", "enum": .array(EngineName.allCases.map { .string($0.rawValue) }),
    "description": "The tool that carries jobs out. --engine on the command line wins.",
  ]

  private static let environment: JSONValue = [
    "type": "object",
    "additionalProperties": false,
    "properties": [
      "after": [
        "type": "array", "uniqueItems": true, "items": name,
        "description": "Environments that are deployed before this one. Not together with `order`.",
      ],
      "requiresManualGate": [
        "type": "boolean", "default": false,
        "description": "Wait before this environment until somebody approves or rejects.",
      ],
      "gateExpiry": duration,
      "flowControl": flowControl,
      "engine": engine,
      "backend": backend,
    ],
  ]

  private static let duration: JSONValue = [
    "type": "string",
    "pattern": "^[1-9][0-9]{0,5}[smhd]$",
    "examples": ["72h"],
    "description":
      "How long a gate waits before it counts as rejected: 90s, 30m, 72h or 7d. Default: for ever.",
  ]

  /// Given as it is by `stackjob explain stackjob.yaml --output json`.
  package static let document: JSONValue = [
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "stackjob.yaml",
    "description":
      "How a service is deployed. It stands beside `_kustomize`, and everything in it may be left out. Environments are named by the folders below `_kustomize/overlays`.",
    "type": "object",
    "additionalProperties": false,
    "properties": [
      "deployment_environments": [
        "type": "array", "minItems": 1, "uniqueItems": true, "items": name,
        "description":
          "The overlays to deploy, by folder name. An overlay with the label planton.ai/git-branch goes by that alone. Default: all.",
      ],
      "order": [
        "type": "array",
        "items": ["oneOf": [name, names]],
        "description":
          "The order of environments; those of an inner list may run at the same time. What is not listed comes last, by name.",
      ],
      "environments": [
        "type": "object", "additionalProperties": environment,
        "description": "What holds for single environments.",
      ],
      "requiresManualGate": [
        "type": "boolean", "default": false, "description": "Every environment that says nothing has a gate.",
      ],
      "gateExpiry": duration,
      "flowControl": flowControl,
      "engine": engine,
      "backend": backend,
      "references": [
        "description": "Where references to variables and secrets are looked up; see docs/references.md."
      ],
    ],
  ]
}
