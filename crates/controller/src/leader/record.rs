//! What is written into the Lease, in client-go's fields.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use sha2::{Digest, Sha256};

/// A name that no other process has: the host's, and what tells this process from others there.
pub(super) fn identity() -> String {
    let host = std::env::var("POD_NAME").or_else(|_| std::env::var("HOSTNAME"));
    let now = Timestamp::now().as_nanosecond();
    let hash = Sha256::digest(format!("{now} {} {:p}", std::process::id(), &host));
    let letters: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{}_{letters}", host.as_deref().unwrap_or("controller"))
}

/// The holder, unless it was given back.
pub(super) fn held_by(lease: &Lease) -> Option<&str> {
    let holder = lease.spec.as_ref()?.holder_identity.as_deref();
    holder.filter(|holder| !holder.is_empty())
}

/// For how long its holder asks to be respected.
pub(super) fn duration(lease: &Lease) -> Duration {
    let seconds = lease.spec.as_ref().and_then(|spec| spec.lease_duration_seconds);
    Duration::from_secs(u64::try_from(seconds.unwrap_or_default()).unwrap_or_default())
}

pub(super) fn new_lease(name: &str, holder: &str, duration: Duration) -> Lease {
    let metadata = ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() };
    renewed(Lease { metadata, spec: None }, holder, duration)
}

/// The Lease with `holder` as its holder, from now on.
pub(super) fn renewed(lease: Lease, holder: &str, duration: Duration) -> Lease {
    let now = MicroTime(Timestamp::now());
    let is_taken = held_by(&lease) != Some(holder);
    let before = lease.spec.unwrap_or_default();
    let spec = LeaseSpec {
        holder_identity: Some(holder.to_owned()),
        lease_duration_seconds: i32::try_from(duration.as_secs()).ok(),
        acquire_time: if is_taken { Some(now.clone()) } else { before.acquire_time },
        renew_time: Some(now),
        lease_transitions: Some(before.lease_transitions.unwrap_or_default() + i32::from(is_taken)),
        ..LeaseSpec::default()
    };
    Lease { metadata: lease.metadata, spec: Some(spec) }
}

/// The Lease without a holder.
pub(super) fn released(lease: Lease) -> Lease {
    let before = lease.spec.unwrap_or_default();
    let spec = LeaseSpec {
        holder_identity: Some(String::new()),
        lease_duration_seconds: Some(1),
        renew_time: Some(MicroTime(Timestamp::now())),
        ..before
    };
    Lease { metadata: lease.metadata, spec: Some(spec) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renewing_keeps_the_time_of_acquisition_and_taking_over_counts() {
        let first = new_lease("l", "a", Duration::from_secs(10));
        let again = renewed(first.clone(), "a", Duration::from_secs(10));
        let spec = |lease: &Lease| lease.spec.clone().unwrap();
        assert_eq!(spec(&again).acquire_time, spec(&first).acquire_time);
        assert_eq!(spec(&again).lease_transitions, spec(&first).lease_transitions);
        let taken = renewed(again, "b", Duration::from_secs(10));
        assert_eq!(spec(&taken).lease_transitions, Some(2));
        assert_eq!(held_by(&taken), Some("b"));
        assert_eq!(held_by(&released(taken)), None);
    }

    #[test]
    fn identities_differ() {
        assert_ne!(identity(), identity());
    }
}
