//! What all nouns take, and what becomes of it: a Secret that is checked, sealed and written.

use std::io;
use std::path::Path;

use clap::{ArgMatches, Args, Command, FromArgMatches, ValueEnum};
use jiff::Timestamp;
use sealwright_api::Scope;
use sealwright_crypto::PublicKey;
use sealwright_sealing::{OpenSecret, seal, set_scope};
use serde_json::Value;

use super::orders::{Order, Wish};
use super::values::Values;
use super::{CONTENT, content, rules};
use crate::args::{ClusterArgs, Given, GivenScope};
use crate::error::{Error, Result, say};
use crate::manifest;
use crate::namespace::Namespaces;
use crate::output::{self, Output};
use crate::verb::Ending;
use crate::verb::destination::Destination;

/// Name, place and dress of a Secret, and how it is sealed.
#[derive(Debug, Args)]
pub(super) struct Flags {
    // First: the field of the flag takes it out of the matches.
    #[command(flatten)]
    certs: Certs,

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

    /// Certificate to seal with: a file, a file:// or an http(s):// URL. No cluster is needed then.
    /// Repeated for several clusters, as --context is
    #[arg(long, value_name = "FILE|URL", visible_alias = "cert")]
    seal_with: Given,

    /// Write to this file instead of standard output; {cluster} in its name is the context, or the
    /// certificate's file without ending
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
    /// Makes the Secret of these values, seals it for each cluster and writes it, for all of them or none.
    /// Whatever can be refused without the values is refused before they are read, or asked for.
    pub(super) fn create(
        &self,
        type_: Option<&str>,
        values: impl FnOnce() -> Result<Values>,
    ) -> Result<Ending> {
        let orders = self.orders()?;
        let secrets = orders.iter().map(|order| self.empty(type_, &order.destination));
        let secrets: Vec<_> = secrets.collect::<Result<_>>()?;
        let keys = orders.iter().map(|order| order.destination.key());
        let keys: Vec<_> = keys.collect::<Result<_>>()?;
        let mut data = values()?.into_data();
        let mut sealed = Vec::new();
        for (number, (mut secret, key)) in secrets.into_iter().zip(&keys).enumerate() {
            secret.data = data;
            let warnings = content::checked(&secret, Timestamp::now().as_second())?;
            for warning in warnings.iter().filter(|_| number == 0) {
                say(format_args!("warning: {warning}"));
            }
            sealed.push(sealed_object(&secret, key)?);
            data = secret.data;
        }
        drop(data);
        write(&orders, &sealed, self.force)?;
        Ok(Ending::Clean)
    }

    fn orders(&self) -> Result<Vec<Order>> {
        let wish = Wish {
            certs: self.certs.0.iter().collect(),
            cluster: &self.cluster,
            file: self.sealed_secret_file.path(),
            is_json: self.output.map(|format| format == Format::Json),
        };
        let orders = wish.orders()?;
        let there =
            orders.iter().map(|order| &order.output).find(|output| output.replaces_a_file());
        if let Some(file) = there.filter(|_| !self.force).and_then(Output::file) {
            return Err(output::is_there(file));
        }
        orders.iter().filter_map(|order| order.output.file()).try_for_each(check_place)?;
        Ok(orders)
    }

    /// The Secret without its values.
    fn empty(&self, type_: Option<&str>, destination: &Destination) -> Result<OpenSecret> {
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
        if let Some(scope) = self.scope.0.or_else(|| destination.scope()) {
            set_scope(metadata, scope);
        }
        metadata.namespace = self.namespace.text().map(str::to_owned);
        if Scope::of(metadata.annotations.as_ref()) != Scope::ClusterWide {
            Namespaces::new(&self.namespace, &destination.cluster).place(metadata)?;
        }
        rules::check(metadata)?;
        content::check_empty(&secret)?;
        Ok(secret)
    }
}

/// Whether a file can be made there. What is there already is written into, or was asked for.
fn check_place(file: &Path) -> Result<()> {
    // Folders are there, whatever they are called.
    manifest::check_path("-w", &file.file_name().unwrap_or_default().to_string_lossy())?;
    if file.is_dir() {
        return Err(output::cannot_write(file, &io::ErrorKind::IsADirectory.into()));
    }
    if file.exists() || output::is_standard_output(file) {
        return Ok(());
    }
    let target = output::followed(file);
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    // Nothing else tells so well; it has no name, and is gone at once.
    let tried = tempfile::tempfile_in(folder.unwrap_or(Path::new(".")));
    tried.map(drop).map_err(|error| output::cannot_write(file, &error))
}

fn sealed_object(secret: &OpenSecret, key: &PublicKey) -> Result<Value> {
    let sealed = seal(secret, key).map_err(|error| Error::new(error.to_string()))?;
    Ok(serde_json::to_value(sealed).expect("a SealedSecret is JSON"))
}

/// Files of all, or of none; else documents, each below the name of its cluster.
fn write(orders: &[Order], sealed: &[Value], may_replace: bool) -> Result<()> {
    let texts = orders.iter().zip(sealed).map(|(order, object)| {
        let text = order.output.text_of(std::slice::from_ref(object));
        match (&order.cluster, order.output.file()) {
            (Some(cluster), None) => text.replacen("---\n", &heading(cluster), 1),
            _ => text,
        }
    });
    let texts: Vec<_> = texts.collect();
    let files = orders.iter().map(|order| order.output.file());
    match files.collect::<Option<Vec<_>>>() {
        Some(files) => {
            let files: Vec<_> = files.into_iter().zip(texts).collect();
            // Since it was looked for, somebody else may have made one.
            if may_replace { output::replace_all(&files) } else { output::create_all(&files) }
        }
        None => output::print(texts.concat().as_bytes()),
    }
}

/// Nothing in a name ends the comment.
fn heading(cluster: &str) -> String {
    let is_plain = |c: char| c.is_ascii_graphic() || c == ' ';
    let plain: String = cluster.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    format!("---\n# for {plain}\n")
}

/// Every certificate that is given: the field beside it holds the first.
#[derive(Clone, Debug, Default)]
struct Certs(Vec<Given>);

impl FromArgMatches for Certs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let all = matches.get_many::<Given>("seal_with").into_iter().flatten();
        Ok(Self(all.filter(|cert| cert.text().is_some()).cloned().collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// It has no flags of its own.
impl Args for Certs {
    fn augment_args(command: Command) -> Command {
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        command
    }
}
