//! How the cluster is reached: the controller's name, and kubectl's flags.

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::Given;

/// What is said about the cluster.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Cluster")]
pub(crate) struct ClusterArgs {
    // First: the fields behind it take what it looks at out of the matches.
    #[command(flatten)]
    pub(crate) said: Said,

    /// Name of the controller's Service
    #[arg(long, default_value = "sealed-secrets-controller")]
    pub(crate) controller_name: String,

    /// Namespace of the controller
    #[arg(long, default_value = "kube-system")]
    pub(crate) controller_namespace: String,

    /// Believe the certificate in the controller's ConfigMap on first use
    #[arg(long)]
    pub(crate) trust_configmap: bool,

    /// kubeconfig to use instead of $KUBECONFIG and ~/.kube/config
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Given,

    /// Context of the kubeconfig to use instead of the current one
    #[arg(long)]
    pub(crate) context: Given,

    /// Cluster of the kubeconfig to use
    #[arg(long, help_heading = "Cluster, as kubectl has it")]
    pub(crate) cluster: Given,

    /// User of the kubeconfig to use
    #[arg(long, help_heading = "Cluster, as kubectl has it")]
    pub(crate) user: Given,

    /// Address of the API server
    #[arg(long, value_name = "URL", help_heading = "Cluster, as kubectl has it")]
    pub(crate) server: Given,

    /// Bearer token
    #[arg(long, help_heading = "Cluster, as kubectl has it")]
    pub(crate) token: Given,

    /// User name for basic authentication
    #[arg(long, help_heading = "Cluster, as kubectl has it")]
    pub(crate) username: Given,

    /// Password for basic authentication
    #[arg(long, help_heading = "Cluster, as kubectl has it")]
    pub(crate) password: Given,

    /// Certificate of the authority that the API server's certificate is signed by
    #[arg(long, value_name = "FILE", help_heading = "Cluster, as kubectl has it")]
    pub(crate) certificate_authority: Given,

    /// Client certificate
    #[arg(long, value_name = "FILE", help_heading = "Cluster, as kubectl has it")]
    pub(crate) client_certificate: Given,

    /// Key of the client certificate
    #[arg(long, value_name = "FILE", help_heading = "Cluster, as kubectl has it")]
    pub(crate) client_key: Given,

    /// Do not check the API server's certificate: whoever is in between can answer for it
    #[arg(long, help_heading = "Cluster, as kubectl has it")]
    pub(crate) insecure_skip_tls_verify: bool,

    /// Name that the API server's certificate is checked for
    #[arg(long, value_name = "NAME", help_heading = "Cluster, as kubectl has it")]
    pub(crate) tls_server_name: Given,

    /// Proxy to reach the API server through
    #[arg(long, value_name = "URL", help_heading = "Cluster, as kubectl has it")]
    pub(crate) proxy_url: Given,

    /// Ask for answers that are not compressed
    #[arg(long, help_heading = "Cluster, as kubectl has it")]
    pub(crate) disable_compression: bool,

    /// Give a request up after so long, such as 30s; 0: never
    #[arg(long, value_name = "DURATION", help_heading = "Cluster, as kubectl has it")]
    pub(crate) request_timeout: Given,

    /// User to act as
    #[arg(long = "as", value_name = "USER", help_heading = "Cluster, as kubectl has it")]
    pub(crate) impersonate: Given,

    /// UID to act as
    #[arg(long = "as-uid", value_name = "UID", help_heading = "Cluster, as kubectl has it")]
    pub(crate) impersonate_uid: Given,

    /// Group to act as; repeated for several
    #[arg(
        long = "as-group",
        value_name = "GROUP",
        value_delimiter = ',',
        help_heading = "Cluster, as kubectl has it"
    )]
    pub(crate) impersonate_groups: Vec<String>,
}

impl ClusterArgs {
    /// Whether no other cluster is named than the one of that context.
    pub(crate) fn may_be(&self, context: Option<&str>) -> bool {
        let is_elsewhere = self.cluster.text().is_some() || self.server.text().is_some();
        !is_elsewhere && (self.context.text().is_none() || self.context.text() == context)
    }

    /// Lets a configuration say what was not said.
    pub(crate) fn follow(
        &mut self,
        context: Option<String>,
        controller_name: Option<String>,
        controller_namespace: Option<String>,
    ) {
        if let Some(context) = context {
            self.context = context.into();
        }
        if let Some(name) = controller_name.filter(|_| !self.said.controller_name) {
            self.controller_name = name;
        }
        if let Some(namespace) = controller_namespace.filter(|_| !self.said.controller_namespace) {
            self.controller_namespace = namespace;
        }
    }
}

/// What was said, by flag or variable, and what is there by default: a configuration changes only that.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    /// The controller's name.
    pub(crate) controller_name: bool,
    /// Its namespace.
    pub(crate) controller_namespace: bool,
    /// Every context: the field of the flag holds the first.
    pub(crate) contexts: Vec<String>,
}

impl FromArgMatches for Said {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let is_said = |id| matches.value_source(id) == Some(ValueSource::CommandLine);
        let contexts = matches.get_many::<Given>("context").into_iter().flatten();
        Ok(Self {
            contexts: contexts.filter_map(Given::text).map(str::to_owned).collect(),
            controller_name: is_said("controller_name"),
            controller_namespace: is_said("controller_namespace"),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// It has no flags of its own.
impl Args for Said {
    fn augment_args(command: Command) -> Command {
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        command
    }
}
