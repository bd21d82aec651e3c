//! One SealedSecret: unseal, plan, apply, report.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::app::Context;
use crate::apply::apply;
use crate::error::Error;
use crate::places::Place;
use crate::plan::{Occasion, Plan, is_only_patched, plan};
use crate::record::Record;
use crate::report;
use crate::secrets::SecretVersion;
use crate::steady;
use crate::tracker::Ending;
use k8s_openapi::api::core::v1::Secret;
use kube::runtime::controller::Action;
use kube::runtime::reflector::ObjectRef;
use kube::{Api, ResourceExt};
use sealwright_api::{SYNCED, SealedSecret};
use sealwright_crypto::{Fingerprint, Keyring};
use sealwright_sealing::{Timestamp, UnsealError, UnsealOptions, Unsealed, diagnose, unseal};

/// What became of an object.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Why it was looked at.
    pub(crate) occasion: Occasion,
    /// Whether this process looked at it for the first time.
    pub(crate) is_first: bool,
    /// The keys that opened it, or what of it did open.
    pub(crate) keys: Vec<Fingerprint>,
    /// Whether all of it did.
    pub(crate) is_open: bool,
    /// What was done about its Secret.
    pub(crate) result: Result<Done, Error>,
}

/// A Secret as it is to be.
#[derive(Clone)]
struct Wanted {
    secret: Secret,
    /// Keys of values that were made just now and would be others the next time.
    unsteady: BTreeSet<String>,
}

/// What was done about a Secret.
#[derive(Debug)]
pub(crate) struct Done {
    /// Whether it was written; else it was as it should be.
    pub(crate) is_written: bool,
    /// The Secret as it is then; `None` where its absence is as it should be.
    pub(crate) secret: Option<SecretVersion>,
    /// Whether the Secret is somebody else's, into which the items were merged.
    pub(crate) is_patched: bool,
}

/// Makes the Secret what the SealedSecret says, and says how that went.
pub(crate) async fn reconcile(
    sealed: Arc<SealedSecret>,
    context: Arc<Context>,
) -> Result<Action, Error> {
    let sealed = context.tracker.up_to_date(sealed);
    let keyring = context.keys.current();
    if has_nothing_to_do(&sealed, &keyring, &context) {
        context.places.leave(&ObjectRef::from_obj(sealed.as_ref()));
        return Ok(Action::await_change());
    }
    let outcome = {
        let Some(place) = context.places.take(&sealed, &keyring) else {
            return Ok(Action::await_change());
        };
        context.tracker.begin_work(&sealed);
        Box::pin(bring_about(&sealed, &keyring, &place, &context)).await
    };
    context.tracker.remember(&sealed, outcome.ending(), &outcome.keys, outcome.is_open);
    if let Ok(done) = &outcome.result {
        context.tracker.settled(&sealed, done.secret.clone());
    }
    let reported = Box::pin(context.reporter.publish(&sealed, &outcome, &keyring)).await;
    if outcome.depends_on_keys() && !Arc::ptr_eq(&keyring, &context.keys.current()) {
        // Who told of the change could not know yet that it concerns this object.
        return Ok(Action::requeue(Duration::ZERO));
    }
    match (outcome.result, reported) {
        (Ok(_), Ok(())) => {
            context.tracker.succeeded(&sealed);
            Ok(Action::await_change())
        }
        // A failure that nobody was told of must not be left at that.
        (_, Err(error)) | (Err(error), Ok(())) => Err(error),
    }
}

/// Whether it is left alone: it is being deleted or gone, is as it should be, or another replica leads.
fn has_nothing_to_do(sealed: &SealedSecret, keyring: &Keyring, context: &Context) -> bool {
    if sealed.metadata.deletion_timestamp.is_some() {
        context.tracker.remember(sealed, Ending::Failed, &[], false);
        return true;
    }
    // Everything is looked at once this replica leads. What is gone by now is not made again.
    !context.leads() || !context.tracker.is_there(sealed) || is_settled(sealed, keyring, context)
}

/// Whether nothing is to be done: this process has brought the object about as it is, or the one
/// before it has, and the Secret has not changed since.
fn is_settled(sealed: &SealedSecret, keyring: &Keyring, context: &Context) -> bool {
    let object = ObjectRef::from_obj(sealed);
    let secret = context.secrets.version(&object);
    if context.tracker.is_settled(sealed, secret.as_ref(), keyring) {
        return true;
    }
    if !context.tracker.is_unseen(&object) {
        return false;
    }
    let accepts_data = context.accept_deprecated_data;
    let Some(record) = Record::read(sealed, keyring, accepts_data) else { return false };
    if secret.as_ref() != Some(&record.secret) {
        // Before the Secrets were listed nothing is known of them: that wakes everything.
        return secret.is_none()
            && !context
                .secrets
                .is_listed(sealed.metadata.namespace.as_deref().unwrap_or_default());
    }
    context.tracker.remember(sealed, Ending::Brought, &record.keys, true);
    context.tracker.settled(sealed, secret);
    context.metrics.set_condition(sealed, true);
    true
}

async fn bring_about(
    sealed: &Arc<SealedSecret>,
    keyring: &Arc<Keyring>,
    place: &Place,
    context: &Context,
) -> Outcome {
    context.metrics.unseal_requests.inc();
    let occasion = occasion(sealed, context);
    let is_first = context.tracker.is_unseen(&ObjectRef::from_obj(sealed.as_ref()));
    match open(sealed.clone(), keyring.clone(), place, context.accept_deprecated_data).await {
        Ok(Unsealed { secret, keys, unsteady }) => {
            let wanted = Wanted { secret: Secret::from(secret), unsteady };
            let result = write(sealed, wanted, occasion, context).await;
            Outcome { occasion, is_first, keys, is_open: true, result }
        }
        Err(error) => {
            let keys = match &error {
                Error::Unseal(UnsealError::Items(items)) => items.keys.clone(),
                _ => Vec::new(),
            };
            Outcome { occasion, is_first, keys, is_open: false, result: Err(error) }
        }
    }
}

async fn open(
    sealed: Arc<SealedSecret>,
    keyring: Arc<Keyring>,
    place: &Place,
    accept_deprecated_data: bool,
) -> Result<Unsealed, Error> {
    let opened = place.cores().run(move || {
        let remembered = sealed.status.iter().flat_map(|status| &status.keys);
        let remembered: Vec<_> = remembered.filter_map(|name| Fingerprint::parse(name)).collect();
        let options = UnsealOptions { accept_deprecated_data, remembered: &remembered, now: now() };
        unseal(&sealed, &keyring, options).map_err(|error| diagnose(error, &sealed, &keyring))
    });
    Ok(opened.await.map_err(Error::of_task)??)
}

fn now() -> Timestamp {
    let now = jiff::Timestamp::now();
    Timestamp { seconds: now.as_second(), nanoseconds: now.subsec_nanosecond().unsigned_abs() }
}

/// Compares the wanted Secret with the one that is there, and does what follows.
async fn write(
    sealed: &SealedSecret,
    wanted: Wanted,
    occasion: Occasion,
    context: &Context,
) -> Result<Done, Error> {
    if context.skip_recreate && occasion == Occasion::Healing {
        let is_patched = context.tracker.patched(sealed, None);
        let secret = context.secrets.version(&ObjectRef::from_obj(sealed));
        return Ok(Done { is_written: false, secret, is_patched });
    }
    let namespace = sealed.namespace().unwrap_or_default();
    let secrets: Api<Secret> = Api::namespaced(context.client.clone(), &namespace);
    let is_there = context.secrets.version(&ObjectRef::from_obj(sealed)).is_some();
    if occasion == Occasion::NewSpec && !is_there && context.secrets.is_listed(&namespace) {
        // Most likely there is none: if there is, the API server says so.
        match write_over(sealed, wanted.clone(), None, occasion, &secrets, context).await {
            Err(error) if error.is_conflict() => {}
            done => return done,
        }
    }
    let existing =
        secrets.get_opt(&sealed.name_any()).await.map_err(Error::api("get the Secret"))?;
    write_over(sealed, wanted, existing, occasion, &secrets, context).await
}

async fn write_over(
    sealed: &SealedSecret,
    Wanted { mut secret, unsteady }: Wanted,
    existing: Option<Secret>,
    occasion: Occasion,
    secrets: &Api<Secret>,
    context: &Context,
) -> Result<Done, Error> {
    let owner = sealed.uid().unwrap_or_default();
    let seen = existing.as_ref().map(|existing| is_only_patched(existing, &owner));
    let occasion = match (occasion, context.tracker.patched(sealed, seen)) {
        (Occasion::Healing, true) => Occasion::HealingPatched,
        // Whatever else is not known: that its deletion is final is.
        (Occasion::FirstSight, true) if existing.is_none() => Occasion::HealingPatched,
        (occasion, _) => occasion,
    };
    let before = existing.as_ref().and_then(SecretVersion::of);
    steady::keep(&mut secret, existing.as_ref(), &unsteady, sealed, occasion);
    let plan = plan(secret, existing, &owner, occasion);
    let becomes = match &plan {
        Plan::Merge(merged) => Some(is_only_patched(merged, &owner)),
        Plan::Create(_) => Some(false),
        _ => None,
    };
    let is_healing = occasion.is_healing() && plan.writes();
    if is_healing {
        context.tracker.may_heal(sealed, Instant::now()).map_err(Error::HealedTooOften)?;
    }
    let plan = match plan {
        // A garbage collector whose watch broke off has missed the deletion, and never takes it.
        Plan::AwaitCollection { old, new }
            if context.tracker.has_waited_for_collection(sealed, &old, Instant::now()) =>
        {
            Plan::Recreate { old, new }
        }
        plan => plan,
    };
    if plan.needs_current() && !(context.leads() && is_current(sealed, context).await?) {
        return Err(Error::Outdated);
    }
    let written = apply(plan, secrets).await?;
    if is_healing {
        context.tracker.healed(sealed, Instant::now());
    }
    let is_patched = context.tracker.patched(sealed, becomes);
    Ok(Done { is_written: written.is_some(), secret: written.or(before), is_patched })
}

/// Whether the API server has the SealedSecret as it was seen here. A watch that broke off shows an old
/// one for as long as it takes to begin anew, and what another replica has made of the new one, or of
/// this one, must not be undone.
async fn is_current(sealed: &SealedSecret, context: &Context) -> Result<bool, Error> {
    let namespace = sealed.namespace().unwrap_or_default();
    let objects: Api<SealedSecret> = Api::namespaced(context.client.clone(), &namespace);
    let there = objects.get_opt(&sealed.name_any()).await;
    let there = there.map_err(Error::api("get the SealedSecret"))?;
    Ok(there.is_some_and(|there| {
        let is_same = there.metadata.uid == sealed.metadata.uid
            && there.metadata.generation == sealed.metadata.generation;
        is_same && (is_synced(sealed) || !is_synced(&there))
    }))
}

/// Whether status says that this spec was brought about.
fn is_synced(sealed: &SealedSecret) -> bool {
    sealed.status.as_ref().is_some_and(|status| {
        status.observed_generation == sealed.metadata.generation && status.is_true(SYNCED)
    })
}

/// Status remembers which spec was brought about; where it is not written, this process does.
fn occasion(sealed: &SealedSecret, context: &Context) -> Occasion {
    let status = sealed.status.as_ref().filter(|_| context.reporter.updates_status());
    let is_observed =
        status.is_some_and(|status| status.observed_generation == sealed.metadata.generation);
    let is_synced = is_observed && status.is_some_and(|status| status.is_true(SYNCED));
    let is_new =
        context.reporter.updates_status() && (!is_observed || status.is_some_and(report::says_new));
    if context.tracker.has_brought(sealed) || is_synced && !context.tracker.is_new(sealed, false) {
        Occasion::Healing
    } else if context.tracker.is_new(sealed, is_new) {
        Occasion::NewSpec
    } else {
        Occasion::FirstSight
    }
}

impl Outcome {
    fn ending(&self) -> Ending {
        match &self.result {
            Ok(_) => Ending::Brought,
            Err(Error::Unseal(error)) if error.wants_a_key() => Ending::NoKey,
            Err(_) => Ending::Failed,
        }
    }

    /// Whether a key more or less could make a difference.
    fn depends_on_keys(&self) -> bool {
        self.is_open || self.ending() == Ending::NoKey
    }
}
