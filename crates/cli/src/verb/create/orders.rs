//! For which clusters a Secret is sealed, and where each of the results goes.

use std::path::{Path, PathBuf};

use crate::args::{ClusterArgs, Given};
use crate::cluster::shown;
use crate::configuration::Configuration;
use crate::error::{Error, Result};
use crate::output::{Output, followed};
use crate::verb::destination::Destination;

/// Stands for a cluster in the name of a file.
const PATTERN: &str = "{cluster}";

/// One SealedSecret that is to be.
pub(super) struct Order {
    pub(super) destination: Destination,
    pub(super) output: Output,
    /// The cluster, where there are several.
    pub(super) cluster: Option<String>,
}

/// What the flags say of it.
pub(super) struct Wish<'a> {
    pub(super) certs: Vec<&'a Given>,
    pub(super) cluster: &'a ClusterArgs,
    pub(super) file: Option<&'a Path>,
    pub(super) is_json: Option<bool>,
}

impl Wish<'_> {
    /// One for each cluster: for each `--cert`, or each `--context`.
    ///
    /// # Errors
    /// When files cannot be told apart; and as for [`Destination::choose`].
    pub(super) fn orders(&self) -> Result<Vec<Order>> {
        let contexts = &self.cluster.said.contexts;
        match (self.certs.len(), contexts.len()) {
            (1.., 2..) => {
                Err(Error::usage("certificates and several contexts: which are the clusters?")
                    .hint("repeat one of --cert and --context"))
            }
            (2.., _) => {
                let of_cert = |cert: &&Given| (stem(cert), (*cert).clone(), self.cluster.clone());
                self.several(self.certs.iter().map(of_cert).collect())
            }
            (_, 2..) => {
                let of_context = |context: &String| {
                    let mut cluster = self.cluster.clone();
                    cluster.context = context.clone().into();
                    (context.clone(), Given::default(), cluster)
                };
                self.several(contexts.iter().map(of_context).collect())
            }
            _ => self.one().map(|order| vec![order]),
        }
    }

    fn one(&self) -> Result<Order> {
        let cert = self.certs.first().map(|cert| (*cert).clone()).unwrap_or_default();
        let configuration = &mut Configuration::default();
        // Rules are for the file that will be there.
        let said = self.cluster.context.text().map(str::to_owned);
        let said = said.or_else(|| cert.text().map(|_| stem(&cert)));
        let file = self.file.map(|file| match &said {
            Some(name) if is_pattern(file) => named(file, name),
            _ => file.to_owned(),
        });
        let file = file.as_deref();
        let destination = Destination::choose(&cert, self.cluster, file, configuration)?;
        let file = match file.filter(|file| is_pattern(file)) {
            None => file.map(Path::to_owned),
            Some(pattern) => {
                let name = destination.cluster.context.text().map(str::to_owned);
                let name = name.or_else(|| destination.certificate().map(|cert| stem(&cert)));
                let name = name.ok_or_else(|| {
                    Error::usage(format!("no cluster is named that {PATTERN} could stand for"))
                        .hint("give --context or --cert")
                })?;
                Some(named(pattern, &name))
            }
        };
        Ok(self.order(destination, file, None))
    }

    fn several(&self, clusters: Vec<(String, Given, ClusterArgs)>) -> Result<Vec<Order>> {
        let mut configuration = Configuration::default();
        let mut orders: Vec<Order> = Vec::new();
        for (name, cert, cluster) in clusters {
            let file = match self.file {
                Some(pattern) if !is_pattern(pattern) => {
                    return Err(Error::usage(format!(
                        "{} cannot hold what is for several clusters",
                        pattern.display()
                    ))
                    .hint(format!("put {PATTERN} where the cluster is to stand in its name")));
                }
                pattern => pattern.map(|pattern| named(pattern, &name)),
            };
            let advised = file.as_deref();
            let destination = Destination::choose(&cert, &cluster, advised, &mut configuration)?;
            let order = self.order(destination, file, Some(name));
            self.check_alone(&order, &orders)?;
            orders.push(order);
        }
        Ok(orders)
    }

    fn order(
        &self,
        destination: Destination,
        file: Option<PathBuf>,
        cluster: Option<String>,
    ) -> Order {
        let is_json = self.is_json.or(destination.is_json);
        Order { output: Output::of_verb(file.as_deref(), is_json), destination, cluster }
    }

    /// Whether it can be told from those before it.
    fn check_alone(&self, order: &Order, before: &[Order]) -> Result<()> {
        // On some systems names that differ in this alone are the same.
        let name = |order: &Order| {
            let name = order.output.file().map(place);
            name.or_else(|| order.cluster.clone()).unwrap_or_default().to_lowercase()
        };
        if before.iter().any(|other| name(other) == name(order)) {
            let what = match order.output.file() {
                Some(file) => format!("{} would be written for two clusters", file.display()),
                None => format!("{} is given twice", order.cluster.as_deref().unwrap_or_default()),
            };
            return Err(
                Error::usage(what).hint("name each cluster once, and certificates differently")
            );
        }
        if order.output.file().is_none() && order.output.is_json() {
            return Err(Error::usage("JSON cannot say which of several clusters it is for")
                .hint(format!("write files: -w with {PATTERN} in the name, or YAML")));
        }
        Ok(())
    }
}

/// Where a file is, through whichever links.
fn place(file: &Path) -> String {
    let target = followed(file);
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).canonicalize();
    let whole = folder.ok().zip(target.file_name()).map(|(folder, name)| folder.join(name));
    whole.unwrap_or(target).display().to_string()
}

fn is_pattern(file: &Path) -> bool {
    file.to_string_lossy().contains(PATTERN)
}

fn named(pattern: &Path, cluster: &str) -> PathBuf {
    pattern.to_string_lossy().replace(PATTERN, &part_of_name(cluster)).into()
}

/// A name as it can stand in that of a file: contexts hold slashes and colons.
fn part_of_name(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    match plain.strip_prefix('.') {
        Some(rest) => format!("-{rest}"),
        None => plain,
    }
}

/// What a certificate is called: its file without folder and ending.
fn stem(cert: &Given) -> String {
    let place = shown(cert.text().unwrap_or_default());
    let file = Path::new(&place).file_stem().unwrap_or_default();
    file.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_stand_in_names_of_files() {
        for (pattern, cluster, expected) in [
            ("sealed-{cluster}.yaml", "dev", "sealed-dev.yaml"),
            ("{cluster}/{cluster}.yaml", "prod-1", "prod-1/prod-1.yaml"),
            ("{cluster}.yaml", "arn:aws:eks:eu:1:cluster/dev", "arn-aws-eks-eu-1-cluster-dev.yaml"),
            ("a/{cluster}/b", "..", "a/-./b"),
            ("a/{cluster}/b", "../../etc", "a/-.-..-etc/b"),
            ("{cluster}.yaml", "a\n\u{202e}b", "a--b.yaml"),
            ("{context}.yaml", "dev", "{context}.yaml"),
        ] {
            assert_eq!(named(Path::new(pattern), cluster), Path::new(expected), "{cluster}");
        }
    }

    #[test]
    fn certificates_are_called_by_their_files() {
        for (cert, expected) in [
            ("certs/prod.pem", "prod"),
            ("dev", "dev"),
            ("file:///a/b.crt", "b"),
            ("https://me:hunter2@a.example/certs/eu.pem?token=hunter2", "eu"),
            ("https://a.example", "a"),
        ] {
            assert_eq!(stem(&cert.to_owned().into()), expected, "{cert}");
        }
    }
}
