import StackModel

/// The schema of `kind.yaml`, held by the same checker as the manifests of the kind.
enum KindFileSchema {
  static let compiled = result.schema
  static let problems = result.diagnostics

  private static let result = JSONSchema.compile(document, file: "kind.yaml")

  private static let text: JSONValue = ["type": "string", "minLength": 1]
  private static let textList: JSONValue = ["type": "array", "items": text]
  private static let textMap: JSONValue = ["type": "object", "additionalProperties": text]

  private static func object(_ properties: JSONValue, required: JSONValue = []) -> JSONValue {
    ["type": "object", "additionalProperties": false, "required": required, "properties": properties]
  }

  private static let output = object(
    [
      "name": ["type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_-]*$", "examples": ["service_arn"]],
      "description": ["type": "string", "default": ""],
      "sensitive": ["type": "boolean", "default": false],
    ],
    required: ["name"]
  )

  private static let document = object(
    [
      "kind": ["type": "string", "pattern": "^[A-Z][A-Za-z0-9]*$", "examples": ["AwsEcsService"]],
      "title": text,
      "description": ["type": "string", "default": ""],
      "apiVersions": ["type": "array", "minItems": 1, "uniqueItems": true, "items": text],
      "provider": text,
      "inject": object(["image": text, "version": text]),
      "terraform": object([
        "overrides": [
          "type": "array",
          "items": object(["when": text, "file": text, "owned": textList], required: ["when", "file"]),
        ]
      ]),
      "outputs": ["type": "array", "items": output],
      "fields": object(["variables": textMap, "resources": textMap]),
    ],
    required: ["kind", "title", "apiVersions", "provider"]
  )
}
