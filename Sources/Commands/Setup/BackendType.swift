/// What backends see of our environment, and what of them is masked.
enum BackendType {
  /// What a backend may see beyond the provider's own list: its credentials.
  static func environment(_ type: String) -> [String] {
    switch type {
    case "s3":
      [
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION",
        "AWS_DEFAULT_REGION", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_ENDPOINT_URL*",
        "AWS_CA_BUNDLE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN",
      ]
    case "gcs": ["GOOGLE_*", "CLOUDSDK_*"]
    case "azurerm": ["ARM_*", "AZURE_*"]
    case "pg": ["PG*"]
    case "kubernetes": ["KUBE_*", "KUBECONFIG", "KUBERNETES_*"]
    case "http": ["TF_HTTP_*"]
    default: []
    }
  }

  /// Settings of backends whose values are masked, wherever in a configuration they stand.
  static let secretSettings: Set<String> = [
    "access_key", "access_token", "client_certificate_password", "client_key", "client_secret", "conn_str",
    "credentials", "encryption_key", "oidc_token", "password", "sas_token", "secret_key",
    "sse_customer_key", "token",
  ]

  /// Variables among these whose values are masked.
  static func secrets(_ type: String) -> [String] {
    switch type {
    case "s3": ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
    case "gcs": ["GOOGLE_CREDENTIALS", "GOOGLE_OAUTH_ACCESS_TOKEN", "GOOGLE_ENCRYPTION_KEY"]
    case "azurerm": ["ARM_CLIENT_SECRET", "ARM_ACCESS_KEY", "ARM_SAS_TOKEN", "ARM_OIDC_TOKEN"]
    case "pg": ["PGPASSWORD", "PG_CONN_STR"]
    case "kubernetes": ["KUBE_TOKEN", "KUBE_PASSWORD", "KUBE_CLIENT_KEY_DATA"]
    case "http": ["TF_HTTP_PASSWORD", "TF_HTTP_CLIENT_PRIVATE_KEY_PEM"]
    default: []
    }
  }
}
