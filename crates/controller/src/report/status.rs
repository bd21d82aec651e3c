//! The status of a SealedSecret.

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::Api;
use kube::api::PostParams;
use sealwright_api::{
    Condition, ConditionStatus, PATCHED, RECONCILING, RECORDED, STALLED, SYNCED, SealedSecret,
    SealedSecretStatus,
};

use crate::error::Error;
use crate::plan::Occasion;
use crate::reconcile::Outcome;

/// Attempts against others who write the object at the same time.
const ATTEMPTS: u32 = 5;

/// The longest message, in bytes: an object with thousands of bad items must fit into etcd.
const MAX_MESSAGE: usize = 4096;

/// Reasons of a failure: the spec was never brought about, or it was.
const NEVER_SYNCED: &str = "NeverSynced";
const SYNCED_BEFORE: &str = "SyncedBefore";

/// A message that fits.
pub(super) fn shortened(message: &str) -> String {
    if message.len() <= MAX_MESSAGE {
        return message.to_owned();
    }
    let end = (0..=MAX_MESSAGE).rev().find(|end| message.is_char_boundary(*end));
    format!("{} … and more", &message[..end.unwrap_or_default()])
}

/// What is to be said.
pub(super) struct Report {
    pub(super) condition: ConditionStatus,
    pub(super) message: Option<String>,
    /// Fingerprints of the keys that opened the object, or what of it did open.
    pub(super) keys: Vec<String>,
    /// Whether all of it did.
    pub(super) is_open: bool,
    /// Whether the resource definition is known to drop these.
    pub(super) drops_keys: bool,
    /// Whether this spec was never brought about.
    pub(super) is_new: bool,
    /// What the next process is to know.
    pub(super) record: Option<String>,
    /// Whether the record alone is worth writing.
    pub(super) is_record_news: bool,
    /// Whether a failure passes by itself, so that it is tried again.
    pub(super) is_transient: bool,
    /// Whether the Secret is only patched; `None` leaves what status says of that.
    pub(super) is_patched: Option<bool>,
    /// Whether something was done, which moves the time of the last update.
    pub(super) is_work: bool,
}

impl Report {
    pub(super) fn of(outcome: &Outcome) -> Self {
        let (done, error) = (outcome.result.as_ref().ok(), outcome.result.as_ref().err());
        Self {
            condition: match error {
                None => ConditionStatus::True,
                Some(_) => ConditionStatus::False,
            },
            message: error.map(|error| shortened(&error.to_string())),
            keys: outcome.keys.iter().map(ToString::to_string).collect(),
            is_open: outcome.is_open,
            drops_keys: false,
            is_new: outcome.occasion == Occasion::NewSpec,
            record: None,
            is_record_news: outcome.is_first,
            is_transient: error.is_some_and(Error::is_transient),
            is_patched: done.map(|done| done.is_patched),
            is_work: done.is_some_and(|done| done.is_written),
        }
    }
}

/// Writes the report unless status says it already. Returns the status before and the object
/// after, if it wrote. What `sealed` says of status does not count if it `is_in_doubt`.
pub(super) async fn write(
    objects: &Api<SealedSecret>,
    sealed: &SealedSecret,
    report: &Report,
    is_in_doubt: bool,
) -> Result<Option<(Option<SealedSecretStatus>, SealedSecret)>, Error> {
    let name = sealed.metadata.name.clone().unwrap_or_default();
    let mut known = Some(sealed.clone()).filter(|_| !is_in_doubt);
    for _ in 0..ATTEMPTS {
        let mut latest = match known.take() {
            Some(known) => known,
            None => {
                match objects.get_opt(&name).await.map_err(Error::api("get the SealedSecret"))? {
                    // What was judged is still what is there.
                    Some(now) if is_same_spec(&now, sealed) => now,
                    // Changed or replaced: its own reconciliation will report.
                    _ => return Ok(None),
                }
            }
        };
        let now = Time(Timestamp::now());
        let Some(status) = next(&latest, report, now) else {
            return Ok(None);
        };
        let before = latest.status.replace(status);
        match objects.replace_status(&name, &PostParams::default(), &latest).await {
            Ok(written) => return Ok(Some((before, written))),
            Err(kube::Error::Api(status)) if status.code == 409 => {}
            // Deleted meanwhile: there is nobody left to tell.
            Err(kube::Error::Api(status)) if status.code == 404 => return Ok(None),
            Err(error) => return Err(Error::api("update the status")(error)),
        }
    }
    Err(Error::StatusContended)
}

/// Whether a status says more than one before it, and not only which keys.
pub(super) fn tells_more(
    was: Option<&SealedSecretStatus>,
    is: Option<&SealedSecretStatus>,
) -> bool {
    let said = |status: Option<&SealedSecretStatus>| {
        let status = status.cloned().unwrap_or_default();
        let synced = status.conditions.into_iter().find(|c| c.type_ == SYNCED);
        (status.observed_generation, synced.map(|c| (c.status, c.message)))
    };
    said(was) != said(is)
}

fn is_same_spec(a: &SealedSecret, b: &SealedSecret) -> bool {
    a.metadata.uid == b.metadata.uid && a.metadata.generation == b.metadata.generation
}

/// The status to write, or `None` when it would say nothing new.
fn next(sealed: &SealedSecret, report: &Report, now: Time) -> Option<SealedSecretStatus> {
    let (status, message) = (report.condition, report.message.as_deref());
    let current = sealed.status.clone().unwrap_or_default();
    let generation = sealed.metadata.generation;
    let is_observed = current.observed_generation == generation;
    let previous = current.conditions.iter().find(|condition| condition.type_ == SYNCED);
    let is_known = previous.is_some_and(|previous| {
        previous.status == status && previous.message.as_deref() == message
    });
    let was_patched = current.is_true(PATCHED);
    let is_patched = report.is_patched.unwrap_or(was_patched);
    // What does not open now needs the keys that opened it before, as long as it is the same.
    let mut keys = report.keys.clone();
    if !report.is_open && is_observed {
        keys.extend(current.keys.iter().filter(|key| !report.keys.contains(key)).cloned());
    }
    let names_keys = report.drops_keys || current.keys == keys;
    let trouble_is_known = status == ConditionStatus::True || says_new(&current) == report.is_new;
    let says_it =
        is_known && is_observed && was_patched == is_patched && names_keys && trouble_is_known;
    let recorded = current.conditions.iter().find(|condition| condition.type_ == RECORDED);
    let recorded = recorded.and_then(|condition| condition.message.as_ref());
    let records_it = !report.is_record_news || recorded == report.record.as_ref();
    if says_it && records_it && !report.is_work {
        return None;
    }
    let transition = previous
        .filter(|previous| previous.status == status)
        .and_then(|previous| previous.last_transition_time.clone());
    let synced = Condition {
        type_: SYNCED.to_owned(),
        status,
        last_transition_time: Some(transition.unwrap_or_else(|| now.clone())),
        last_update_time: Some(now),
        reason: None,
        message: message.map(str::to_owned),
    };
    let ours = [SYNCED, STALLED, RECONCILING, PATCHED, RECORDED];
    let others = current.conditions.into_iter().filter(|c| !ours.contains(&c.type_.as_str()));
    let trouble = trouble(&synced, report);
    let patched = is_patched.then(|| patched(&synced));
    let recorded = report.record.as_ref().map(|record| recorded_as(record, &synced));
    let conditions = std::iter::once(synced)
        .chain(trouble)
        .chain(patched)
        .chain(recorded)
        .chain(others)
        .collect();
    Some(SealedSecretStatus { observed_generation: generation, conditions, keys })
}

/// For the next start: whose the Secret is.
fn patched(synced: &Condition) -> Condition {
    Condition {
        type_: PATCHED.to_owned(),
        status: ConditionStatus::True,
        message: Some("the Secret is not owned: the items are merged into it".to_owned()),
        ..synced.clone()
    }
}

fn recorded_as(record: &str, synced: &Condition) -> Condition {
    Condition {
        type_: RECORDED.to_owned(),
        status: ConditionStatus::True,
        message: Some(record.to_owned()),
        ..synced.clone()
    }
}

/// For tools that go by kstatus: whether a failure is final, or being worked on. Its reason is for
/// the next start.
fn trouble(synced: &Condition, report: &Report) -> Option<Condition> {
    let type_ = if report.is_transient { RECONCILING } else { STALLED };
    let reason = if report.is_new { NEVER_SYNCED } else { SYNCED_BEFORE };
    (synced.status != ConditionStatus::True).then(|| Condition {
        type_: type_.to_owned(),
        status: ConditionStatus::True,
        reason: Some(reason.to_owned()),
        ..synced.clone()
    })
}

/// Whether a status tells of a failure of what was never brought about.
pub(crate) fn says_new(status: &SealedSecretStatus) -> bool {
    let mut conditions = status.conditions.iter();
    conditions.any(|c| {
        [RECONCILING, STALLED].contains(&c.type_.as_str())
            && c.reason.as_deref() == Some(NEVER_SYNCED)
    })
}
