/// A text that must not be shown.
///
/// Printing, interpolating or mirroring it gives a mask. The text itself is reached only through
/// ``reveal()``, so that each place that lets it out can be found by that name.
package struct Secret: Sendable, Hashable {
  private let text: String

  package init(_ text: String) { self.text = text }

  package func reveal() -> String { text }

  package static let mask = "(sensitive)"
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { Self.mask }
  package var debugDescription: String { Self.mask }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
