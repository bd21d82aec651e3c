//! Everything that was ever committed and can still be reached: every version of every file once, under
//! the first commit and path that it appears in.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use gix::ObjectId;
use gix::bstr::BString;
use gix::objs::Kind;
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::finding::{Commit, Finding};
use super::git::{self, Checkout, Part};
use super::objects::{MISSING, Version, scan_all};
use super::source::Report;
use crate::error::{Error, Result};

/// Looks through all of it.
///
/// # Errors
/// When its commits cannot be read.
pub(super) fn scan(checkout: &Checkout) -> Result<Report> {
    let repository = &checkout.repository;
    let tips = Tips::of(repository)?;
    let mut search = Search { checkout, seen: HashSet::new(), versions: Vec::new() };
    let mut unmet = checkout.limits_not_on_disk();
    for Step { id, time } in oldest_first(repository, tips.commits)? {
        let commit = repository.find_commit(id).map_err(|error| unreadable(&error))?;
        let tree = commit.tree_id().map_err(|error| unreadable(&error))?.detach();
        unmet.retain(|limit| !is_in(repository, tree, limit));
        let commit = Commit { id: id.to_hex_with_len(8).to_string(), date: date(time) };
        search.tree(tree, &BString::default(), Some(&commit))?;
    }
    // A tag may be of a tree or of a file, and of no commit.
    for tree in tips.trees {
        unmet.retain(|limit| !is_in(repository, tree, limit));
        search.tree(tree, &BString::default(), None)?;
    }
    if let Some(limit) = unmet.first() {
        return Err(git::never_was(limit));
    }
    for (id, name) in tips.files {
        search.file(id, name, None);
    }
    let versions = search.versions;
    let mut report = scan_all(repository, &versions, "versions of files");
    report.findings = once(report.findings);
    // Nobody can make smaller what was; that it was left out is told. What is missing can be fetched.
    report.left_out = report.missing;
    few_missing(&mut report);
    if repository.is_shallow().unwrap_or_default() {
        report.notes.push("the clone is shallow: what was before is not here".to_owned());
    }
    Ok(report)
}

/// A clone without any of its files would tell of each of them.
fn few_missing(report: &mut Report) {
    const FEW: usize = 5;
    if report.missing > FEW {
        let mut told = 0;
        report.notes.retain(|note| {
            told += usize::from(note.ends_with(MISSING));
            !note.ends_with(MISSING) || told <= FEW
        });
        report.notes.push(format!("{} versions in all are not in this clone", report.missing));
    }
}

fn is_in(repository: &gix::Repository, tree: ObjectId, path: &BString) -> bool {
    let entry = repository
        .find_tree(tree)
        .ok()
        .and_then(|tree| tree.lookup_entry(path.split(|byte| *byte == b'/')).ok()?);
    entry.is_some()
}

fn unreadable(error: &gix::Error) -> Error {
    Error::new(format!("cannot read the history of the repository: {error}"))
        .hint("git fsck tells what is missing or broken")
}

/// What branches, tags, stashes and everything else that has a name begin with.
#[derive(Default)]
struct Tips {
    commits: Vec<ObjectId>,
    trees: Vec<ObjectId>,
    files: Vec<(ObjectId, BString)>,
}

impl Tips {
    fn of(repository: &gix::Repository) -> Result<Self> {
        let mut tips = Self::default();
        let references = repository.references().map_err(|error| unreadable(&error))?;
        for reference in references.all().map_err(|error| unreadable(&error))? {
            let mut reference = reference.map_err(|error| unreadable(&error))?;
            let name = reference.name().as_bstr().to_owned();
            // One that leads nowhere, as refs/remotes/origin/HEAD may, has nothing to look at.
            if reference.follow().is_some_and(|next| next.is_err()) {
                continue;
            }
            if name == "refs/stash" {
                tips.commits.extend(older_stashes(&reference));
            }
            let id = reference.peel_to_id().map_err(|error| unreadable(&error))?.detach();
            match repository.find_header(id).map(|header| header.kind()) {
                Ok(Kind::Tree) => tips.trees.push(id),
                Ok(Kind::Blob) => tips.files.push((id, name)),
                _ => tips.commits.push(id),
            }
        }
        // HEAD may be on no branch, and so may those of other work trees.
        tips.commits.extend(repository.head_id().map(gix::Id::detach));
        for other in repository.worktrees().unwrap_or_default() {
            let other = other.into_repo_with_possibly_inaccessible_worktree();
            let head = other.and_then(|other| Ok(other.head_id()?.detach()));
            tips.commits.extend(head);
        }
        Ok(tips)
    }
}

/// A stash has the name only until the next one: then it stands in the log of the name.
fn older_stashes(stash: &gix::Reference<'_>) -> Vec<ObjectId> {
    let mut log = stash.log_iter();
    let lines = log.all().ok().flatten();
    let ids = lines.into_iter().flatten().filter_map(|line| Some(line.ok()?.new_oid()));
    ids.filter(|id| !id.is_null()).collect()
}

/// A commit and its time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Step {
    time: i64,
    id: ObjectId,
}

/// All commits, the oldest first, and none before its parents, whatever the clocks said.
fn oldest_first(repository: &gix::Repository, tips: Vec<ObjectId>) -> Result<Vec<Step>> {
    let order = Sorting::ByCommitTime(CommitTimeOrder::NewestFirst);
    let walk =
        repository.rev_walk(tips).sorting(order).all().map_err(|error| unreadable(&error))?;
    let mut steps = HashMap::new();
    let mut parents: HashMap<ObjectId, Vec<ObjectId>> = HashMap::new();
    for commit in walk {
        let commit = commit.map_err(|error| unreadable(&error))?;
        steps.insert(
            commit.id,
            Step { time: commit.commit_time.unwrap_or_default(), id: commit.id },
        );
        parents.insert(commit.id, commit.parent_ids.to_vec());
    }
    let mut children: HashMap<ObjectId, Vec<ObjectId>> = HashMap::new();
    let mut waits_for: HashMap<ObjectId, usize> = HashMap::new();
    for (id, parents) in &parents {
        // Before the edge of a shallow clone there are none.
        for parent in parents.iter().filter(|parent| steps.contains_key(*parent)) {
            children.entry(*parent).or_default().push(*id);
            *waits_for.entry(*id).or_default() += 1;
        }
    }
    let is_ready = |step: &&Step| !waits_for.contains_key(&step.id);
    let mut ready: BinaryHeap<_> = steps.values().filter(is_ready).copied().map(Reverse).collect();
    let mut ordered = Vec::with_capacity(steps.len());
    while let Some(Reverse(step)) = ready.pop() {
        ordered.push(step);
        for child in children.remove(&step.id).unwrap_or_default() {
            let left = waits_for.entry(child).or_default();
            *left = left.saturating_sub(1);
            if *left == 0 {
                ready.extend(steps.get(&child).copied().map(Reverse));
            }
        }
    }
    Ok(ordered)
}

fn date(time: i64) -> String {
    let time = Timestamp::from_second(time).unwrap_or_default();
    time.strftime("%Y-%m-%d").to_string()
}

struct Search<'a> {
    checkout: &'a Checkout,
    /// Trees and files that were met. A tree that was met is not gone into again, so that a commit costs
    /// what it changes.
    seen: HashSet<ObjectId>,
    versions: Vec<Version>,
}

impl Search<'_> {
    fn tree(&mut self, id: ObjectId, path: &BString, commit: Option<&Commit>) -> Result<()> {
        // Git refuses deeper ones, but whoever writes objects by hand does not ask.
        const MAX_DEPTH: usize = 1000;
        let mut folders = vec![(id, path.clone())];
        while let Some((id, path)) = folders.pop() {
            // Only what is gone into has been met: the same tree may stand inside as well as outside.
            let is_new = match self.checkout.part(&path) {
                Part::Outside => false,
                Part::Around => true,
                Part::Inside => self.seen.insert(id),
            };
            if !is_new || path.iter().filter(|c| **c == b'/').count() > MAX_DEPTH {
                continue;
            }
            let tree = self.checkout.repository.find_tree(id);
            let tree = tree.map_err(|error| unreadable(&error))?;
            for entry in tree.iter() {
                let entry = entry.map_err(|error| unreadable(&error))?;
                let mut inner = path.clone();
                if !inner.is_empty() {
                    inner.push(b'/');
                }
                inner.extend_from_slice(entry.filename());
                if entry.mode().is_tree() {
                    folders.push((entry.object_id(), inner));
                } else if entry.mode().is_blob() && self.checkout.part(&inner) == Part::Inside {
                    self.file(entry.object_id(), inner, commit);
                }
            }
        }
        Ok(())
    }

    fn file(&mut self, id: ObjectId, path: BString, commit: Option<&Commit>) {
        if self.seen.insert(id) {
            self.versions.push(Version { id, path, commit: commit.cloned() });
        }
    }
}

/// A value that stands in a hundred versions of a file is one finding, of the first of them.
fn once(findings: Vec<Finding>) -> Vec<Finding> {
    let mut seen = HashSet::new();
    let mut findings = findings;
    findings.retain(|finding| {
        let key = finding.item.as_ref().map(|item| (item.secret.clone(), item.key.clone()));
        let digest: [u8; 32] = Sha256::digest(finding.secret.expose()).into();
        seen.insert((finding.rule.id, finding.path.clone(), key, digest))
    });
    findings
}
