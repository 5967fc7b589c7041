/// The task sizes that Fargate has: amounts of memory in MiB for each number of CPU units.
enum FargateSizes {
  private static let table: [(cpu: Int, memory: [Int])] = [
    (256, [512, 1024, 2048]),
    (512, steps(1024, 4096, 1024)),
    (1024, steps(2048, 8192, 1024)),
    (2048, steps(4096, 16384, 1024)),
    (4096, steps(8192, 30720, 1024)),
    (8192, steps(16384, 61440, 4096)),
    (16384, steps(32768, 122880, 8192)),
  ]

  private static func steps(_ from: Int, _ through: Int, _ by: Int) -> [Int] {
    Array(stride(from: from, through: through, by: by))
  }

  static func has(cpu: Int, memory: Int) -> Bool {
    table.contains { $0.cpu == cpu && $0.memory.contains(memory) }
  }

  /// What to take instead: memory that goes with the CPU, and CPU that goes with the memory.
  static func advice(cpu: Int, memory: Int) -> String {
    var parts: [String] = []
    if let row = table.first(where: { $0.cpu == cpu }) {
      parts.append("for cpu \(cpu) the memory is \(words(row.memory))")
    } else {
      parts.append("cpu is \(Words.alternatives(table.map { String($0.cpu) }))")
    }
    if let row = table.first(where: { $0.memory.contains(memory) }) {
      parts.append("the smallest cpu for memory \(memory) is \(row.cpu)")
    }
    return parts.joined(separator: "; ")
  }

  private static func words(_ amounts: [Int]) -> String {
    guard amounts.count > 3, let first = amounts.first, let last = amounts.last else {
      return Words.alternatives(amounts.map(String.init))
    }
    return "\(first) to \(last) by \(amounts[1] - first)"
  }
}
