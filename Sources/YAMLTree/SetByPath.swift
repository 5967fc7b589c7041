extension YAMLNode {
  /// Puts a value at a path, making the maps on the way that are missing or null.
  ///
  /// An index may name an element that exists or the place just after the last.
  package mutating func set(path: FieldPath, to value: YAMLNode) throws(FieldPathError) {
    try set(path.steps[...], to: value, below: .root)
  }

  private mutating func set(
    _ steps: ArraySlice<FieldPath.Step>,
    to value: YAMLNode,
    below parent: FieldPath
  ) throws(FieldPathError) {
    guard let step = steps.first else {
      self = value
      return
    }
    let path = parent.appending(step)
    let rest = steps.dropFirst()
    switch step {
    case .key(let key):
      var map = YAMLMapping()
      if let mapping {
        map = mapping
      } else if !isNull {
        throw FieldPathError(description: "`\(parent.name)` is \(kindName), it has no field `\(key)`")
      }
      var child = map[key] ?? YAMLNode(.scalar(Scalar(plain: "")), at: value.location)
      try child.set(rest, to: value, below: path)
      map.set(key, to: child)
      content = .mapping(map)
    case .index(let index):
      var elements: [YAMLNode] = []
      if let list {
        elements = list
      } else if !isNull {
        throw FieldPathError(description: "`\(parent.name)` is \(kindName), not a list")
      }
      guard index <= elements.count else {
        throw FieldPathError(
          description: "`\(parent.name)` has \(elements.count) elements, so there is no place for [\(index)]"
        )
      }
      if index == elements.count {
        elements.append(YAMLNode(.scalar(Scalar(plain: "")), at: value.location))
      }
      try elements[index].set(rest, to: value, below: path)
      content = .sequence(elements)
    }
  }
}

extension FieldPath {
  /// The path as a sentence names it: the root has no text of its own.
  package var name: String { isRoot ? "the document" : description }
}
