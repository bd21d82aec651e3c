//! Findings that are known: a file lists them, and they are told no more.
//!
//! # What stands in the file
//!
//! A finding is known by its rule, its path, the Secret and key that it is a value of, and a mark of the
//! value, so that another value in its place is a new finding:
//!
//! `mark = scrypt(N = 2¹², r = 8, p = 1; value, salt)`, cut to 16 bits (RFC 7914).
//!
//! Whoever reads the file may have passwords to try, and passwords are easily guessed. The value stands
//! in the repository too, when the file is written; but files are copied, and values are taken out of
//! histories. So three things stand against guessing. The salt, random for each file, makes tables
//! worthless. scrypt makes each guess some ten thousand times as dear as a bare hash. And 16 bits cannot
//! tell which of very many guesses was right: of a million passwords some fifteen have the same mark. A
//! short list of guesses they can tell apart, and the documentation says so. Where a value stands has no
//! part in its mark: one that stands at several places would have several marks, and together these would
//! tell more than 16 bits. The price is that one change in 65,536 of a value in the same place goes
//! unseen.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use scrypt::Params;
use sealwright_crypto::fill_random;
use serde::{Deserialize, Serialize};

use super::finding::Finding;
use crate::error::{Error, Result};
use crate::manifest::read_bytes;
use crate::output;
use crate::verb::in_order::{cores, in_order};

/// Its name, where none is given.
pub(super) const NAME: &str = ".sealed-secrets-baseline.json";
const VERSION: u32 = 1;
const SALT_BYTES: usize = 16;
const MARK_BYTES: usize = 2;

/// The file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Baseline {
    version: u32,
    /// In hexadecimal.
    salt: String,
    findings: BTreeSet<Known>,
}

/// One finding that is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    path: String,
    rule: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// Of the value, in hexadecimal.
    mark: String,
}

impl Baseline {
    /// The one of the file.
    ///
    /// # Errors
    /// When it cannot be read, or is no baseline.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let bytes = read_bytes(Some(path))?;
        let fail = |what: String| {
            Error::new(format!("{} is no baseline: {what}", path.display()))
                .hint("write one anew with --write-baseline, into a file that is not there yet")
        };
        let baseline: Self = serde_json::from_slice(&bytes)
            .map_err(|error| fail(format!("line {}, column {}", error.line(), error.column())))?;
        if baseline.version != VERSION {
            return Err(fail(format!("its version is {}, not {VERSION}", baseline.version)));
        }
        if baseline.salt.len() != 2 * SALT_BYTES {
            return Err(fail("its salt is cut short".to_owned()));
        }
        Ok(baseline)
    }

    /// An empty one.
    pub(super) fn new() -> Self {
        let mut salt = [0; SALT_BYTES];
        fill_random(&mut salt);
        Self { version: VERSION, salt: hex(&salt), findings: BTreeSet::new() }
    }

    /// Those of the findings of a root that it does not list, and all of the others.
    pub(super) fn unknown(&self, findings: Vec<Finding>, root: usize) -> Vec<Finding> {
        let is_known = |finding: &Finding| finding.root == root && self.knows(finding);
        let is_known = in_order(&findings, cores(), is_known);
        let both = findings.into_iter().zip(is_known);
        both.filter(|(_, is_known)| !is_known).map(|(finding, _)| finding).collect()
    }

    /// Lists these too. What it lists already stays: other branches and the history may have it.
    pub(super) fn add(&mut self, findings: &[&Finding]) {
        let known = in_order(findings, cores(), |finding| Known {
            mark: self.mark(finding),
            ..Known::without_mark(finding)
        });
        self.findings.extend(known);
    }

    /// Writes it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self).expect("it has nothing but texts");
        output::replace(path, text + "\n")
    }

    /// The mark is dear, and only made where everything else fits.
    fn knows(&self, finding: &Finding) -> bool {
        let known = Known::without_mark(finding);
        let mut alike = self.findings.iter().filter(|other| {
            (&other.path, &other.rule, &other.secret, &other.key)
                == (&known.path, &known.rule, &known.secret, &known.key)
        });
        let Some(first) = alike.next() else { return false };
        let mark = self.mark(finding);
        first.mark == mark || alike.any(|other| other.mark == mark)
    }

    fn mark(&self, finding: &Finding) -> String {
        let params = Params::new(12, 8, 1).expect("they are as RFC 7914 has them");
        let mut mark = [0; 32];
        scrypt::scrypt(finding.secret.expose(), self.salt.as_bytes(), &params, &mut mark)
            .expect("32 bytes are no more than it gives");
        hex(&mark[..MARK_BYTES])
    }
}

impl Known {
    fn without_mark(finding: &Finding) -> Self {
        let item = finding.item.as_ref();
        Self {
            path: finding.inside.to_string(),
            rule: finding.rule.id.to_owned(),
            secret: item.map(|item| item.secret.clone()),
            key: item.map(|item| item.key.clone()),
            mark: String::new(),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where it is: as given, else beside the files, if it is there.
pub(super) fn place(given: Option<&Path>, root: &Path) -> PathBuf {
    given.map_or_else(|| root.join(NAME), Path::to_owned)
}
