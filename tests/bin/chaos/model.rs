//! What the user has asked for so far, and so what may be seen.

use std::collections::{BTreeMap, HashSet};

use rand::RngExt;
use rand::rngs::SmallRng;

/// A Secret's items. All carry the version, so that a mixture shows.
pub(crate) type Items = BTreeMap<String, String>;

/// What somebody else writes into a Secret that is not theirs; the controller never does.
pub(crate) const TAMPERED: &str = "tampered";
/// Where: the item that every version has.
pub(crate) const TAMPERED_ITEM: &str = "k0";

/// One name in the namespace.
#[derive(Default)]
pub(crate) struct Object {
    /// All versions that were applied under this name, or were about to be.
    pub(crate) versions: Vec<Items>,
    /// Whether the SealedSecret is to be there.
    pub(crate) is_wanted: bool,
    /// UIDs of the SealedSecrets and Secrets that the user has deleted.
    pub(crate) may_go: HashSet<String>,
    /// The UID and resourceVersion of a Secret of this name that somebody else made first.
    pub(crate) foreign: Option<(String, String)>,
}

/// All names, those that are gone too.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) objects: BTreeMap<String, Object>,
}

impl Model {
    /// A name that was never used.
    pub(crate) fn fresh_name(&self) -> String {
        format!("s{}", self.objects.len())
    }

    /// One of the names whose SealedSecret is to be there; ours, or beside somebody else's Secret.
    pub(crate) fn any(&self, random: &mut SmallRng, is_foreign: bool) -> Option<String> {
        let names: Vec<_> = self.wanted(is_foreign).collect();
        (!names.is_empty()).then(|| names[random.random_range(0..names.len())].clone())
    }

    /// How many of them there are.
    pub(crate) fn count(&self, is_foreign: bool) -> usize {
        self.wanted(is_foreign).count()
    }

    fn wanted(&self, is_foreign: bool) -> impl Iterator<Item = &String> {
        let is_it =
            move |object: &Object| object.is_wanted && object.foreign.is_some() == is_foreign;
        self.objects.iter().filter(move |(_, object)| is_it(object)).map(|(name, _)| name)
    }

    /// The next version under a name, which may be seen from now on.
    pub(crate) fn next_version(&mut self, name: &str, random: &mut SmallRng) -> Items {
        let object = self.objects.entry(name.to_owned()).or_default();
        let (version, count) = (object.versions.len(), random.random_range(1..=4));
        let item = |index| (format!("k{index}"), format!("{name}-v{version}"));
        let items: Items = (0..count).map(item).collect();
        object.versions.push(items.clone());
        object.is_wanted = true;
        items
    }
}
