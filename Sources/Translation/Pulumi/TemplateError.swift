/// What is wrong with a program template, or with a manifest's text that one would turn into a key.
package struct TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Cause: Sendable, Hashable {
    /// The template itself: its author has to mend it.
    case template
    /// A key of the manifest that Pulumi would read as a call of a function, or not at all.
    case key
  }

  package var cause: Cause
  package var message: String

  package var description: String { message }

  static func template(_ message: String) -> TemplateError {
    TemplateError(cause: .template, message: message)
  }
}
