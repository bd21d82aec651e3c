//! `keys`: the sealing keys of a cluster, for its administrators. All of them look before they act, and
//! none deletes a key.

mod age_file;
mod backup;
mod copies;
mod generate;
mod list;
mod live;
mod restore;
mod retire;
mod stored;
mod unlock;
mod verify_backup;

use clap::Subcommand;

use super::Ending;
use crate::error::Result;

/// What to do with the keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// List the keys: their age, when they expire, and how many objects need each
    List(list::List),
    /// Copy all keys into a file that is encrypted with age
    Backup(backup::Backup),
    /// Put the keys of a backup into a cluster; keys that are there stay as they are
    Restore(restore::Restore),
    /// Open every live object with a backup in memory, and say which would be lost
    VerifyBackup(verify_backup::VerifyBackup),
    /// Make a new key, with which everything is sealed from then on
    Generate(generate::Generate),
    /// Take a key out of use, if every live object opens without it
    Retire(retire::Retire),
}

impl Keys {
    pub(super) fn run(&self) -> Result<Ending> {
        match self {
            Self::List(list) => list.run(),
            Self::Backup(backup) => backup.run(),
            Self::Restore(restore) => restore.run(),
            Self::VerifyBackup(verify) => verify.run(),
            Self::Generate(generate) => generate.run(),
            Self::Retire(retire) => retire.run(),
        }
    }
}
