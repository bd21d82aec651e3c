//! What all nouns take, and what becomes of it: a Secret that is checked, sealed and written.

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use sealwright_api::Scope;
use sealwright_sealing::{OpenSecret, seal, set_scope};

use super::values::Values;
use super::{CONTENT, content, rules};
use crate::args::{ClusterArgs, Given, GivenScope};
use crate::certificate;
use crate::error::{Cause, Error, Result, say};
use crate::namespace::Namespaces;
use crate::output::Output;
use crate::verb::Ending;

/// Name, place and dress of a Secret, and how it is sealed.
#[derive(Debug, Args)]
pub(super) struct Flags {
    /// Name of the Secret
    name: String,

    /// Namespace of the Secret
    #[arg(short, long)]
    namespace: Given,

    /// Label of the Secret; repeated for several
    #[arg(long = "label", value_name = "KEY=VALUE", help_heading = CONTENT)]
    labels: Vec<String>,

    /// Annotation of the Secret; repeated for several
    #[arg(long = "annotation", value_name = "KEY=VALUE", help_heading = CONTENT)]
    annotations: Vec<String>,

    /// Have the API server refuse to change the Secret
    #[arg(long, help_heading = CONTENT)]
    immutable: bool,

    /// kubectl's, which is refused
    #[arg(long, hide = true, help_heading = CONTENT)]
    append_hash: bool,

    /// For whom to seal: strict, namespace-wide or cluster-wide
    #[arg(long, default_value = "", hide_default_value = true)]
    scope: GivenScope,

    /// Certificate to seal with: a file, a file:// or an http(s):// URL. No cluster is needed then
    #[arg(long, value_name = "FILE|URL", visible_alias = "cert")]
    seal_with: Given,

    /// Write to this file instead of standard output
    #[arg(short = 'w', long, value_name = "FILE")]
    sealed_secret_file: Given,

    /// Replace that file if it is there
    #[arg(long)]
    force: bool,

    /// Format of what is written; YAML, unless the file ends in .json
    #[arg(short, long, value_enum)]
    output: Option<Format>,

    #[command(flatten)]
    cluster: ClusterArgs,
}

/// What a manifest can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Yaml,
    Json,
}

impl Flags {
    /// Makes the Secret of these values, seals it and writes it. Whatever can be refused without
    /// them is refused before they are read, or asked for.
    pub(super) fn create(
        &self,
        type_: Option<&str>,
        values: impl FnOnce() -> Result<Values>,
    ) -> Result<Ending> {
        let output = self.output()?;
        let mut secret = self.empty(type_)?;
        let key = certificate::to_seal_with(&self.seal_with, &self.cluster)?;
        secret.data = values()?.into_data();
        for warning in content::checked(&secret, Timestamp::now().as_second())? {
            say(format_args!("warning: {warning}"));
        }
        let sealed = seal(&secret, &key).map_err(|error| Error::new(error.to_string()))?;
        drop(secret);
        let sealed = serde_json::to_value(sealed).expect("a SealedSecret is JSON");
        output.write_objects(&[sealed])?;
        Ok(Ending::Clean)
    }

    fn output(&self) -> Result<Output> {
        let is_json = self.output.map(|format| format == Format::Json);
        let file = self.sealed_secret_file.path();
        let output = Output::of_verb(file, is_json);
        if output.replaces_a_file() && !self.force {
            let file = file.map(|file| file.display().to_string()).unwrap_or_default();
            return Err(Error::new(format!("{file} is there already"))
                .hint("--force replaces it, and `kubeseal set` seals a value into it")
                .of(Cause::Policy));
        }
        Ok(output)
    }

    /// The Secret without its values.
    fn empty(&self, type_: Option<&str>) -> Result<OpenSecret> {
        if self.append_hash {
            return Err(Error::usage(
                "--append-hash is not there: the name would tell of the values",
            )
            .hint(
                "a hash of weak values can be guessed; name the Secret otherwise when they change",
            ));
        }
        let mut secret = OpenSecret {
            type_: type_.map(str::to_owned),
            immutable: self.immutable.then_some(true),
            ..OpenSecret::default()
        };
        let metadata = &mut secret.metadata;
        metadata.name = Some(self.name.clone());
        metadata.labels = rules::pairs("label", &self.labels)?;
        metadata.annotations = rules::pairs("annotation", &self.annotations)?;
        if let Some(scope) = self.scope.0 {
            set_scope(metadata, scope);
        }
        metadata.namespace = self.namespace.text().map(str::to_owned);
        if Scope::of(metadata.annotations.as_ref()) != Scope::ClusterWide {
            Namespaces::new(&self.namespace, &self.cluster).place(metadata)?;
        }
        rules::check(metadata)?;
        Ok(secret)
    }
}
