//! Which files are for which cluster.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::destination::Destination;
use super::in_order::{cores, in_order};
use super::look::{Look, look};
use super::walk::Found;
use crate::args::{ClusterArgs, Given};
use crate::configuration::Configuration;
use crate::error::{Error, Result};

/// The clusters that files are for, each once.
#[derive(Default)]
pub(super) struct Ways {
    pub(super) destinations: Vec<Destination>,
    of: HashMap<PathBuf, usize>,
}

impl Ways {
    /// Those of all files in which there is a SealedSecret.
    ///
    /// # Errors
    /// As for [`Destination::choose`].
    pub(super) fn of(files: &[Found], cert: &Given, cluster: &ClusterArgs) -> Result<Self> {
        let mut ways = Self::default();
        let (mut configuration, mut numbers) = (Configuration::default(), HashMap::new());
        let mut number = |path: Option<&Path>| {
            let destination = Destination::choose(cert, cluster, path, &mut configuration)?;
            let number = *numbers.entry(destination.rule.clone()).or_insert_with(|| {
                ways.destinations.push(destination);
                ways.destinations.len() - 1
            });
            Ok::<usize, Error>(number)
        };
        // Where the certificate is given, rules make no difference.
        if cert.text().is_some() {
            number(files.first().map(|found| found.path.as_path()))?;
            return Ok(ways);
        }
        let is_one = in_order(files, cores(), |found| found.is_named || is_sealed(found));
        for (found, _) in files.iter().zip(is_one).filter(|(_, is_one)| *is_one) {
            let number = number(Some(&found.path))?;
            ways.of.insert(found.path.clone(), number);
        }
        if ways.of.is_empty() {
            number(None)?;
        }
        Ok(ways)
    }

    /// The place of a file's among them.
    pub(super) fn number(&self, found: &Found) -> usize {
        self.of.get(&found.path).copied().unwrap_or_default()
    }
}

/// In a folder stands much else, for which no cluster is to be asked.
fn is_sealed(found: &Found) -> bool {
    matches!(look(found), Ok(Look::Sealed(_, objects)) if !objects.is_empty())
}
