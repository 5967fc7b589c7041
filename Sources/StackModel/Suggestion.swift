/// Finds the word a person most likely meant.
package enum Suggestion {
  /// The candidate nearest to `word`, if it is near enough to be worth saying.
  ///
  /// Near means at most a third of the word's letters changed, added, left out or swapped with a
  /// neighbour; letter case does not count.
  package static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    // No name is that long. A megabyte on one line of a broken file would be compared for minutes.
    guard word.utf8.count <= 200 else { return nil }
    let limit = max(1, word.count / 3)
    let typed = Array(word.lowercased())
    return
      candidates
      .map { ($0, distance(typed, Array($0.lowercased()))) }
      .filter { $0.1 <= limit }
      .min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
  }

  /// The optimal string alignment distance.
  static func distance(_ left: [Character], _ right: [Character]) -> Int {
    guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for i in 1...left.count {
      var row = [i]
      for j in 1...right.count {
        let cost = left[i - 1] == right[j - 1] ? 0 : 1
        var best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost)
        if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
          best = min(best, beforeLast[j - 2] + 1)
        }
        row.append(best)
      }
      beforeLast = last
      last = row
    }
    return last[right.count]
  }
}
