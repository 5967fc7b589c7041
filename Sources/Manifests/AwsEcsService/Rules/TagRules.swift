import StackModel
import YAMLTree

extension EcsRules {
  /// 50 is what ECS takes; ten are left for those it sets itself.
  private static let limit = 40

  mutating func checkTags() {
    let tags = spec["tags"]?.stringMap ?? []
    for tag in tags {
      if tag.key.lowercased().hasPrefix("aws:") {
        error("ecs.tags.reserved", tag.view, "`\(tag.key)`: AWS keeps `aws:` for itself")
      }
      if !EcsTags.isKey(tag.key) {
        error(
          "ecs.tags.form",
          tag.view,
          "the key of a tag has 1 to 128 letters, digits, spaces and +-=._:/@"
        )
      }
      if !EcsTags.isValue(tag.value) {
        error(
          "ecs.tags.form",
          tag.view,
          "the value of a tag has at most 256 letters, digits, spaces and +-=._:/@"
        )
      }
    }
    let count = service.tagsForm.object?.count ?? 0
    if count > Self.limit, let view = spec["tags"] {
      error(
        "ecs.tags.count",
        view,
        "with stackjob's own there are \(count) tags, and \(Self.limit) are possible",
        hint: "ECS takes 50 tags, ten are left for its own"
      )
    }
  }
}
