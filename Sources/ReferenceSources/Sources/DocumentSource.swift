package import References
import StackModel

/// Documents of groups, from files.
package struct DocumentSource: ReferenceSource {
  package let name: String
  package let kinds: Set<GroupKind>
  private let groups: ReferenceGroups

  package init(name: String, kinds: Set<GroupKind> = Set(GroupKind.allCases), groups: ReferenceGroups) {
    self.name = name
    self.kinds = kinds
    self.groups = groups
  }

  package func look(up reference: GroupReference) async -> SourceAnswer {
    switch groups.lookup(reference) {
    case .success(let value): .found(value.asSecret.reveal())
    case .failure(let failure) where failure.code == "reference.value":
      .failed(SourceFailure(.refused, failure.message, hint: failure.hint))
    case .failure: .missing(known: groups.names(like: reference))
    }
  }
}
