import ArgumentParser
import JobSources
import LocalFiles

/// How a queue behind a URL is reached. Proxies are the environment's: `https_proxy`, `no_proxy` and so on.
struct EndpointOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The bearer token; it may be replaced at any time. Default: STACKJOB_QUEUE_TOKEN_FILE.",
      valueName: "file"
    ),
    completion: .file()
  )
  var tokenFile: String?

  @Option(
    help: ArgumentHelp(
      "Certificates to trust instead of the system's, in PEM. Default: STACKJOB_QUEUE_CA_FILE.",
      valueName: "file"
    ),
    completion: .file()
  )
  var caFile: String?

  @Option(
    help: ArgumentHelp(
      "The certificate to show to the server, in PEM. Default: STACKJOB_QUEUE_CLIENT_CERT.",
      valueName: "file"
    ),
    completion: .file()
  )
  var clientCert: String?

  @Option(
    help: ArgumentHelp("Its key, in PEM. Default: STACKJOB_QUEUE_CLIENT_KEY.", valueName: "file"),
    completion: .file()
  )
  var clientKey: String?

  func endpoint(_ url: String) -> QueueEndpoint {
    let environment = ProcessEnvironment.read()
    func file(_ option: String?, _ variable: String) -> String? {
      let path = option ?? environment["STACKJOB_QUEUE_\(variable)"] ?? ""
      return path.isEmpty ? nil : LocalFiles.rooted(path)
    }
    return QueueEndpoint(
      url: url,
      access: QueueEndpoint.Access(
        certificates: file(caFile, "CA_FILE"),
        clientCertificate: file(clientCert, "CLIENT_CERT"),
        clientKey: file(clientKey, "CLIENT_KEY"),
        tokenFile: file(tokenFile, "TOKEN_FILE")
      )
    )
  }
}
