//! Files as Git keeps them, read on all cores.

use gix::ObjectId;
use gix::bstr::BString;
use gix::objs::Find;
use gix::odb::Header;

use super::examine::{MAX_BYTES, examine};
use super::finding::Commit;
use super::source::{Outcome, Report, too_large};
use crate::verb::in_order::{cores, in_order};
use crate::verb::progress::Progress;

/// A version of a file.
pub(super) struct Version {
    pub(super) id: ObjectId,
    pub(super) path: BString,
    pub(super) commit: Option<Commit>,
}

/// What is said of one that is not there.
pub(super) const MISSING: &str = " is not in this clone: it is left out";
/// Versions that are read through one opening of the object database.
const AT_ONCE: usize = 256;

/// Looks through all of them.
pub(super) fn scan_all(repository: &gix::Repository, versions: &[Version], what: &str) -> Report {
    let folder = repository.objects.store_ref().path().to_owned();
    let hash = repository.object_hash();
    let progress = Progress::begin(versions.len(), what);
    let chunks: Vec<_> = versions.chunks(AT_ONCE).collect();
    let outcomes = in_order(&chunks, cores(), |chunk| {
        // A handle cannot be shared by threads, and opening one costs next to nothing.
        let objects = gix::odb::at(&folder, hash);
        let outcomes = chunk.iter().map(|version| {
            progress.step();
            match &objects {
                Ok(objects) => looked_at(objects, version),
                Err(_) => missing(version),
            }
        });
        outcomes.collect::<Vec<_>>()
    });
    progress.end();
    Report::of(outcomes.into_iter().flatten())
}

fn looked_at(objects: &gix::odb::Handle, version: &Version) -> Outcome {
    let size = match objects.try_header(&version.id) {
        Ok(Some(header)) => header.size(),
        _ => return missing(version),
    };
    if size > MAX_BYTES as u64 {
        return too_large(&version.path);
    }
    let mut bytes = Vec::new();
    match objects.try_find(&version.id, &mut bytes) {
        Ok(Some(_)) => Outcome::Examined(examine(&version.path, bytes, version.commit.as_ref())),
        _ => missing(version),
    }
}

/// A partial clone has not all of it, and a broken one may lack any.
fn missing(version: &Version) -> Outcome {
    let id = version.id.to_hex_with_len(8);
    Outcome::Missing(format!("{} ({id}){MISSING}", version.path))
}
