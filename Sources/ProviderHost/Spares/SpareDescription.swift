import PluginWire
import StackModel

/// What a guard tells of the provider that it has started.
struct SpareDescription: Sendable, Hashable {
  var pid: Int
  var handshake: HandshakeLine
  /// The provider's working directory, empty so far.
  var folder: String
  /// What the file system said of the executable when it was started.
  var executableStamp: String

  init(pid: Int, handshake: HandshakeLine, folder: String, executableStamp: String) {
    self.pid = pid
    self.handshake = handshake
    self.folder = folder
    self.executableStamp = executableStamp
  }

  init?(json: JSONValue) {
    guard let pid = json["pid"]?.int, let version = json["version"]?.int.flatMap(PluginProtocol.init),
      let socket = json["socket"]?.string, let folder = json["folder"]?.string,
      let stamp = json["stamp"]?.string
    else { return nil }
    self.init(
      pid: pid,
      handshake: HandshakeLine(version: version, socket: socket),
      folder: folder,
      executableStamp: stamp
    )
  }

  var json: JSONValue {
    [
      "pid": .int(pid), "version": .int(handshake.version.rawValue), "socket": .string(handshake.socket),
      "folder": .string(folder), "stamp": .string(executableStamp),
    ]
  }
}

extension ProcessEnd {
  init?(json: JSONValue) {
    if let code = json["code"]?.int {
      self = .code(code)
    } else if let signal = json["signal"]?.int {
      self = .signal(signal)
    } else {
      return nil
    }
  }

  var json: JSONValue {
    switch self {
    case .code(let code): ["code": .int(code)]
    case .signal(let signal): ["signal": .int(signal)]
    }
  }
}
