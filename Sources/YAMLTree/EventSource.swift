import CYAML
import StackModel

/// One parsing event, copied out of libyaml's memory.
struct Event {
  enum Kind {
    case scalar(Scalar)
    case sequenceStart, sequenceEnd
    case mappingStart, mappingEnd
    case alias(String)
    case documentStart, documentEnd
    case streamStart, streamEnd
  }

  var kind: Kind
  var anchor: String?
  var tag: String?
  var location: SourceLocation
}

/// The stream of events of one text. Not copyable: it owns libyaml's parser.
struct EventSource: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let bytes: UnsafeBufferPointer<UInt8>
  private let file: String

  /// The documents of a text, read into a builder that gathers the problems.
  static func read(
    _ bytes: UnsafeBufferPointer<UInt8>,
    file: String,
    into builder: inout TreeBuilder
  ) -> [YAMLNode] {
    guard let source = EventSource(bytes, file: file) else {
      builder.report(.error("yaml.memory", "there is not enough memory to read the file"))
      return []
    }
    return builder.documents(from: source)
  }

  /// Nil when libyaml gets no memory.
  private init?(_ bytes: UnsafeBufferPointer<UInt8>, file: String) {
    parser = .allocate(capacity: 1)
    self.bytes = bytes
    self.file = file
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      return nil
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  /// Nil at a syntax error, which `problem` describes.
  func next() -> Event? {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { return nil }
    defer { yaml_event_delete(&event) }
    var anchor: UnsafeMutablePointer<yaml_char_t>?
    var tag: UnsafeMutablePointer<yaml_char_t>?
    let kind: Event.Kind
    switch event.type {
    case YAML_SCALAR_EVENT:
      anchor = event.data.scalar.anchor
      tag = event.data.scalar.tag
      kind = .scalar(scalar(event))
    case YAML_SEQUENCE_START_EVENT:
      anchor = event.data.sequence_start.anchor
      tag = event.data.sequence_start.tag
      kind = .sequenceStart
    case YAML_MAPPING_START_EVENT:
      anchor = event.data.mapping_start.anchor
      tag = event.data.mapping_start.tag
      kind = .mappingStart
    case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
    case YAML_MAPPING_END_EVENT: kind = .mappingEnd
    case YAML_ALIAS_EVENT: kind = .alias(String(cString: event.data.alias.anchor))
    case YAML_DOCUMENT_START_EVENT: kind = .documentStart
    case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
    case YAML_STREAM_START_EVENT: kind = .streamStart
    default: kind = .streamEnd
    }
    return Event(
      kind: kind,
      anchor: anchor.map { String(cString: $0) },
      tag: tag.map { String(cString: $0) },
      location: location(event.start_mark)
    )
  }

  private func scalar(_ event: yaml_event_t) -> Scalar {
    let data = event.data.scalar
    let bytes = UnsafeBufferPointer(start: data.value, count: data.length)
    let text = String(decoding: bytes, as: UTF8.self)
    let isPlain = data.style == YAML_PLAIN_SCALAR_STYLE
    return Scalar(
      text: text,
      isPlain: isPlain,
      value: (isPlain ? CoreSchema.resolve(bytes) : nil) ?? .string(text)
    )
  }

  private func location(_ mark: yaml_mark_t) -> SourceLocation {
    SourceLocation(file: file, line: mark.line + 1, column: mark.column + 1)
  }

  /// What the parser stopped at.
  var problem: Diagnostic {
    let syntax = SyntaxProblem(
      problem: parser.pointee.problem.map { String(cString: $0) } ?? "",
      context: parser.pointee.context.map { String(cString: $0) } ?? "",
      place: location(parser.pointee.problem_mark),
      contextPlace: location(parser.pointee.context_mark)
    )
    return syntax.diagnostic(in: bytes)
  }
}
