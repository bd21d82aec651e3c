//! The sealing keys: Secrets in the controller's own namespace, watched while it runs.

mod due;
mod generate;
mod load;
mod mark;
mod watch;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{ObjectReference, Secret};
use kube::{Api, Resource};
use sealwright_crypto::{Fingerprint, Keyring};
use tokio::sync::{Mutex, watch as channel};
use tracing::{info, warn};

use crate::args::{Args, KeyOrder};
use crate::error::Error;
use crate::watch::backoff::Backoff;
use generate::Recipe;
use load::Loader;

pub(crate) use mark::mark_of_cluster;
pub(crate) use watch::{Signals, keep};

/// Seconds by which clocks may differ without a word.
const CLOCKS_DIFFER: i64 = 300;
/// For so long attempts are begun anew while the API server is away. Then the process ends and says
/// why, before a liveness probe ends it without a word.
const PATIENCE: Duration = Duration::from_secs(12);

/// How keys differ from before.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Change {
    /// Keys that were not there.
    pub(crate) added: Vec<Fingerprint>,
    /// Keys that are gone or retired.
    pub(crate) removed: Vec<Fingerprint>,
    /// The Secret of a key that was made here.
    pub(crate) made: Option<ObjectReference>,
}

/// The keyring, kept up to date. It is swapped whole: who holds one sees no change in it.
pub(crate) struct Keys {
    ring: channel::Sender<Arc<Keyring>>,
    loader: Mutex<Loader>,
    recipe: Recipe,
    period: Option<i64>,
    cutoff: Option<i64>,
    secrets: Api<Secret>,
    prefix: String,
    /// The key that was the newest after this process last made one, and when that was by the clock
    /// that nobody sets.
    made: Mutex<Option<(Fingerprint, Instant)>>,
}

impl Keys {
    /// Loads the keys that are there, and makes one where one is due. An API server that is away for
    /// a moment is waited for.
    ///
    /// # Errors
    /// When the API server does not let them be read or written.
    pub(crate) async fn open(
        secrets: Api<Secret>,
        args: &Args,
        order: KeyOrder,
        cluster: &str,
    ) -> Result<(Self, Change), Error> {
        let since = Instant::now();
        let mut waits = Backoff::default();
        loop {
            match Self::try_open(secrets.clone(), args, order, cluster).await {
                Err(error) if error.is_outage() && since.elapsed() < PATIENCE => {
                    warn!("{error}: trying again");
                    tokio::time::sleep(waits.next().unwrap_or_default()).await;
                }
                outcome => return outcome,
            }
        }
    }

    async fn try_open(
        secrets: Api<Secret>,
        args: &Args,
        order: KeyOrder,
        cluster: &str,
    ) -> Result<(Self, Change), Error> {
        let period = i64::try_from(args.key_renew_period.as_secs()).unwrap_or(i64::MAX);
        let keys = Self {
            ring: channel::Sender::new(Arc::default()),
            loader: Mutex::new(Loader::new(args.key_prefix.clone(), order)),
            recipe: Recipe::new(args, cluster),
            period: (period > 0).then_some(period),
            cutoff: args.key_cutoff_time.and_then(|cutoff| cutoff.0),
            secrets,
            prefix: args.key_prefix.clone(),
            made: Mutex::default(),
        };
        keys.reload().await?;
        // One is needed to serve; another that is due is the leader's to make.
        let change = match keys.current().newest() {
            None => keys.renew_if_due().await?,
            Some(_) => Change::default(),
        };
        Ok((keys, change))
    }

    /// The keyring as it is now.
    pub(crate) fn current(&self) -> Arc<Keyring> {
        self.ring.borrow().clone()
    }

    /// Every keyring from now on.
    pub(crate) fn subscribe(&self) -> channel::Receiver<Arc<Keyring>> {
        self.ring.subscribe()
    }

    /// Reads the key Secrets again and swaps the keyring when they differ.
    async fn reload(&self) -> Result<Change, Error> {
        let keys = self.loader.lock().await.load(&self.secrets).await?;
        let (old, new) = (self.current(), Keyring::new(keys));
        if new.is_same(&old) {
            return Ok(Change::default());
        }
        let missing = |from: &Keyring, other: &Keyring| {
            let names = from.iter().map(|key| key.fingerprint());
            names.filter(|name| !other.contains(*name)).collect::<Vec<_>>()
        };
        let change =
            Change { added: missing(&new, &old), removed: missing(&old, &new), made: None };
        change.added.iter().for_each(|name| info!("sealing key {name}"));
        change.removed.iter().for_each(|name| warn!("sealing key {name} is gone or retired"));
        let ahead = new.newest().map_or(0, |key| key.born - Timestamp::now().as_second());
        if ahead > CLOCKS_DIFFER {
            warn!(
                "the newest sealing key is of {ahead} s from now: no key is made until it is old"
            );
        }
        self.ring.send_replace(Arc::new(new));
        Ok(change)
    }

    /// When the next key is due, in seconds since 1970 UTC.
    fn due(&self) -> Option<i64> {
        let newest = self.current().newest().map(|key| key.born);
        due::due(newest, self.period, self.cutoff)
    }

    async fn renew_if_due(&self) -> Result<Change, Error> {
        match self.due() {
            Some(due) if due <= Timestamp::now().as_second() && !self.made_lately().await => {
                self.renew().await
            }
            _ => Ok(Change::default()),
        }
    }

    /// How long until a key may be due, at most `longest`.
    async fn until_due(&self, longest: Duration) -> Duration {
        let Some(due) = self.due() else { return longest };
        let seconds = due.saturating_sub(Timestamp::now().as_second()).max(1);
        if seconds == 1 && self.made_lately().await {
            return longest;
        }
        Duration::from_secs(seconds.unsigned_abs()).min(longest)
    }

    /// Whether the newest key was made here within half of the time after which another is due: then
    /// one that counts as due is the mistake of a clock, and another key would not help.
    async fn made_lately(&self) -> bool {
        let (Some(newest), Some(due)) = (self.newest(), self.due()) else { return false };
        let time = due.saturating_sub(newest.1).max(0).unsigned_abs();
        let made = self.made.lock().await;
        made.is_some_and(|(key, at)| {
            key == newest.0 && at.elapsed() < Duration::from_secs(time) / 2
        })
    }

    /// The newest key, and when it was born.
    fn newest(&self) -> Option<(Fingerprint, i64)> {
        self.current().newest().map(|key| (key.fingerprint(), key.born))
    }

    /// Makes the key that follows the newest, unless another replica was faster.
    async fn renew(&self) -> Result<Change, Error> {
        info!("making a sealing key of {} bits", self.recipe.bits());
        let made = generate::generate(&self.secrets, &self.recipe, self.current()).await?;
        let at = Instant::now();
        let change = self.reload().await?;
        *self.made.lock().await = self.newest().map(|(key, _)| (key, at));
        Ok(Change { made: made.map(|secret| secret.object_ref(&())), ..change })
    }
}
