import Manifests
package import StackModel

/// The schema of a `StackJob` document; `docs/stack-job.schema.json` is the same for editors.
package enum StackJobSchema {
  static let compiled: JSONSchema? = JSONSchema.compile(document, file: "stack-job").schema

  private static let text: JSONValue = ["type": "string", "minLength": 1]
  private static let flag: JSONValue = ["type": "boolean", "default": false]
  private static let seconds: JSONValue = ["type": "integer", "minimum": 1]

  private static func object(_ properties: JSONValue) -> JSONValue {
    ["type": "object", "additionalProperties": false, "properties": properties]
  }

  /// The phases that a job can bound.
  static let limitedPhases = ["init", "preview", "update"]

  package static let document: JSONValue = [
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "StackJob",
    "type": "object",
    "additionalProperties": false,
    "required": ["operation"],
    "properties": [
      "kind": ["type": "string", "enum": ["StackJob"]],
      "id": ["type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$", "examples": ["web-42"]],
      "operation": [
        "type": "string",
        "enum": [
          "preview", "update", "destroy-preview", "destroy", "refresh", "drift", "outputs", "plan", "apply",
        ],
      ],
      "manifest": ["type": ["object", "string"]],
      "manifestFile": text,
      "engine": ["type": "string", "enum": .array(EngineName.allCases.map { .string($0.rawValue) })],
      "providers": ["type": "string", "enum": ["accelerated", "plain"]],
      "image": text,
      "version": text,
      "references": ["type": "array", "items": text],
      "sources": ["type": "array", "items": ["type": "object"]],
      "backend": [
        "type": "object", "additionalProperties": false, "required": ["type"],
        "properties": [
          "type": ["type": "string", "enum": .array(BackendName.all.map(JSONValue.string))],
          "config": ["type": "object"],
        ],
      ],
      "sandbox": flag,
      "flow": object([
        "skipRefresh": flag,
        "previewBeforeUpdate": flag,
        "pauseBetweenPreviewAndUpdate": flag,
        "isManual": flag,
      ]),
      "timeLimits": object([
        "job": seconds, "init": seconds, "preview": seconds, "update": seconds, "approval": seconds,
      ]),
      "priority": ["type": "integer", "minimum": -1000, "maximum": 1000, "default": 0],
      "labels": ["type": "object", "additionalProperties": ["type": "string"]],
      "callback": [
        "type": "object", "additionalProperties": false, "required": ["url"],
        "properties": ["url": ["type": "string", "pattern": "^https?://", "maxLength": 2000]],
      ],
    ],
  ]
}
