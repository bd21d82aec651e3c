//! The verbs: a bare word as first argument. The flat mode, upstream's, knows nothing of them.
//!
//! Standard output is data, standard error is talk. Exit codes are [`Ending`]'s and [`exit_code`]'s.

mod completion;
pub(crate) mod create;
mod destination;
mod diff;
mod doctor;
mod edit;
mod facts;
mod format;
mod in_order;
mod inspect;
mod item;
mod keys;
mod look;
mod man;
mod names;
mod progress;
mod recipient;
mod reencrypt;
mod render;
mod scan;
mod secret_type;
mod set;
mod target;
mod unset;
mod value;
mod verify;
mod walk;
mod ways;

use clap::Subcommand;

pub(crate) use edit::sweep;

use crate::error::{Cause, Result};

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Tell what SealedSecrets hold: scope, items, sizes, template. No key is needed
    Inspect(inspect::Inspect),
    /// Look for what keeps SealedSecrets from being opened: in their form, and with keys in their values
    Verify(verify::Verify),
    /// Name the items that differ between two files, never their values
    Diff(diff::Diff),
    /// Make a Secret and seal it in one step: its plaintext is never on disk
    #[command(subcommand)]
    Create(create::Create),
    /// Seal values anew with the newest key, in place: a file, or all below a folder
    Reencrypt(reencrypt::Reencrypt),
    /// Seal values into a file, and leave every other byte of it as it is
    Set(set::Set),
    /// Change items in an editor, which is shown placeholders; with --reveal and keys the values
    Edit(edit::Edit),
    /// Take items out of a file, and leave every other byte of it as it is
    Unset(unset::Unset),
    /// Show the Secret that a SealedSecret and its template give, without a cluster
    Render(render::Render),
    /// List, back up, restore, make and retire the sealing keys of a cluster
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Look at an installation: what is wrong with it, and what to do about it
    Doctor(doctor::Doctor),
    /// Look for Secrets that are not sealed, keys and tokens: in files, staged changes or all of history
    Scan(scan::Scan),
    /// Print what completes kubeseal's command line in a shell
    Completion(completion::Completion),
    /// Print the manual page, or write one for kubeseal and one for each verb into a folder
    Man(man::Man),
}

/// How a verb ends that did what it was to do; the number is the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Nothing to complain about.
    Clean = 0,
    /// Something was found, or differs.
    Findings = 1,
    /// The cluster was not reached, and that is told.
    Unreached = 3,
    /// What was looked at does not open.
    Sealed = 4,
}

impl Verb {
    /// Does it.
    pub(crate) fn run(&self) -> Result<Ending> {
        match self {
            Self::Inspect(inspect) => inspect.run(),
            Self::Verify(verify) => verify.run(),
            Self::Diff(diff) => diff.run(),
            Self::Create(create) => create.run(),
            Self::Reencrypt(reencrypt) => reencrypt.run(),
            Self::Set(set) => set.run(),
            Self::Edit(edit) => edit.run(),
            Self::Unset(unset) => unset.run(),
            Self::Render(render) => render.run(),
            Self::Keys(keys) => keys.run(),
            Self::Doctor(doctor) => doctor.run(),
            Self::Scan(scan) => scan.run(),
            Self::Completion(completion) => completion.run(),
            Self::Man(man) => man.run(),
        }
    }
}

/// The exit code of a verb that failed.
pub(crate) fn exit_code(cause: Cause) -> u8 {
    match cause {
        Cause::Usage | Cause::Local => 2,
        Cause::Remote | Cause::Forbidden => 3,
        Cause::Sealed => 4,
        Cause::Policy => 5,
    }
}
