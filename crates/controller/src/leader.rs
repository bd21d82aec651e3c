//! Which replica writes: the one that holds a Lease. All serve certificate, verify and rotate.
//!
//! A wrong clock cannot depose a leader: a follower judges by the time since it last saw the Lease
//! change, by its own monotonic clock, and the leader gives up by its own before that. Every write
//! names the resourceVersion that was judged, so of two only one succeeds.

mod record;

use std::time::{Duration, Instant};

use k8s_openapi::api::coordination::v1::Lease;
use kube::api::PostParams;
use kube::{Api, Client, ResourceExt};
use tokio::sync::watch;
use tracing::{info, warn};

use crate::app::stopped;
use record::{held_by, new_lease, released, renewed};

/// How long a Lease that does not change is respected.
const DURATION: Duration = Duration::from_secs(10);
/// How long a leader leads without having renewed: less, so that it stops before another begins.
const DEADLINE: Duration = Duration::from_secs(7);
/// Between two looks.
const PERIOD: Duration = Duration::from_secs(1);
/// Between two looks of one that may not look, which leads alone.
const FORBIDDEN_PERIOD: Duration = Duration::from_secs(10);
/// An API server that has just started forbids for a moment what it allows. Who was allowed before
/// believes it after so long.
const WITHDRAWN: Duration = Duration::from_secs(20);

/// Whether this replica leads, for all who write.
pub(crate) type Leading = watch::Receiver<bool>;

/// Seeks to lead until the process ends, and gives the Lease back then.
pub(crate) async fn campaign(
    client: Client,
    (namespace, name): (&str, &str),
    leading: watch::Sender<bool>,
    mut stopping: watch::Receiver<bool>,
) {
    let mut candidate = Candidate {
        leases: Api::namespaced(client, namespace),
        name: name.to_owned(),
        identity: record::identity(),
        seen: None,
        renewed: None,
    };
    let mut rights = Rights::default();
    loop {
        let end = candidate.end().filter(|_| !rights.are_missing(Instant::now()));
        let outcome = until(end, &leading, candidate.look(Instant::now())).await;
        rights.learn(&outcome, Instant::now());
        if let Err(error) = &outcome
            && !rights.are_missing(Instant::now())
        {
            warn!("cannot renew the Lease {name}: {error}");
        }
        let is_alone = rights.are_missing(Instant::now());
        tell(&leading, is_alone || candidate.leads(Instant::now()));
        let pause = if is_alone { FORBIDDEN_PERIOD } else { PERIOD };
        let end = candidate.end().filter(|_| !is_alone);
        tokio::select! {
            () = until(end, &leading, tokio::time::sleep(pause)) => {}
            () = stopped(&mut stopping) => break,
        }
    }
    leading.send_replace(false);
    candidate.release().await;
}

/// Tells all who write.
fn tell(leading: &watch::Sender<bool>, leads: bool) {
    if leading.send_if_modified(|before| std::mem::replace(before, leads) != leads) {
        info!("this replica leads{}", if leads { "" } else { " no longer" });
    }
}

/// Waits for `work`. At the end of the time for which this replica may lead, it leads no longer,
/// however long that takes.
async fn until<T>(
    end: Option<Instant>,
    leading: &watch::Sender<bool>,
    work: impl Future<Output = T>,
) -> T {
    let mut work = std::pin::pin!(work);
    if let Some(end) = end {
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep_until(end.into()) => tell(leading, false),
        }
    }
    work.await
}

/// Whether this replica may touch leases, as far as the API server's answers tell.
#[derive(Default)]
struct Rights {
    /// Whether it ever might.
    were_there: bool,
    /// Since when each answer forbids it.
    forbidden: Option<Instant>,
    is_said: bool,
}

impl Rights {
    fn learn(&mut self, outcome: &kube::Result<()>, now: Instant) {
        match outcome {
            Ok(()) => (self.were_there, self.forbidden) = (true, None),
            Err(error) if is_forbidden(error) => {
                self.forbidden.get_or_insert(now);
                if self.are_missing(now) && !std::mem::replace(&mut self.is_said, true) {
                    info!("leads alone: without the right to leases, replicas do not take turns");
                }
            }
            // One that does not answer says nothing.
            Err(_) => {}
        }
    }

    fn are_missing(&self, now: Instant) -> bool {
        self.forbidden
            .is_some_and(|since| !self.were_there || now.duration_since(since) >= WITHDRAWN)
    }
}

fn is_forbidden(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 403)
}

/// One replica's view of the Lease.
struct Candidate {
    leases: Api<Lease>,
    name: String,
    identity: String,
    /// The resourceVersion seen last, and since when.
    seen: Option<(String, Instant)>,
    /// When the Lease was last known to be held here.
    renewed: Option<Instant>,
}

impl Candidate {
    fn leads(&self, now: Instant) -> bool {
        self.end().is_some_and(|end| now < end)
    }

    /// Until when it may lead.
    fn end(&self) -> Option<Instant> {
        self.renewed.map(|renewed| renewed + DEADLINE)
    }

    /// Renews the Lease, takes it when it is free, or notes that another's is alive.
    async fn look(&mut self, now: Instant) -> kube::Result<()> {
        let tried = tokio::time::timeout(DEADLINE / 2, self.attempt(now)).await;
        match tried {
            // Somebody was faster.
            Ok(Err(kube::Error::Api(status))) if status.code == 409 => Ok(()),
            Ok(tried) => tried,
            Err(_) => Err(kube::Error::Service("the API server does not answer".into())),
        }
    }

    async fn attempt(&mut self, now: Instant) -> kube::Result<()> {
        let Some(lease) = self.leases.get_opt(&self.name).await? else {
            let lease = new_lease(&self.name, &self.identity, DURATION);
            self.leases.create(&PostParams::default(), &lease).await?;
            self.renewed = Some(now);
            return Ok(());
        };
        let is_mine = held_by(&lease) == Some(self.identity.as_str());
        // It was seen when it came, however long that took.
        if !is_mine && !self.is_free(&lease, Instant::now()) {
            self.renewed = None;
            return Ok(());
        }
        let lease = renewed(lease, &self.identity, DURATION);
        self.leases.replace(&self.name, &PostParams::default(), &lease).await?;
        self.renewed = Some(now);
        Ok(())
    }

    /// Whether nobody holds it, or its holder has not been heard of for as long as it asked for.
    fn is_free(&mut self, lease: &Lease, now: Instant) -> bool {
        let version = lease.resource_version().unwrap_or_default();
        let since = match &self.seen {
            Some((seen, since)) if *seen == version => *since,
            _ => self.seen.insert((version, now)).1,
        };
        held_by(lease).is_none() || now.duration_since(since) >= record::duration(lease)
    }

    /// Gives it back, so that another need not wait.
    async fn release(&mut self) {
        if !self.leads(Instant::now()) {
            return;
        }
        let given = tokio::time::timeout(PERIOD, async {
            let lease = self.leases.get(&self.name).await?;
            if held_by(&lease) == Some(self.identity.as_str()) {
                self.leases.replace(&self.name, &PostParams::default(), &released(lease)).await?;
            }
            Ok::<_, kube::Error>(())
        });
        if let Ok(Err(error)) = given.await {
            warn!("cannot give the Lease {} back: {error}", self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use kube::client::Body;
    use serde_json::json;

    use super::*;

    fn candidate() -> Candidate {
        let silent = tower::service_fn(|_: axum::http::Request<Body>| {
            std::future::pending::<Result<axum::http::Response<Body>, tower::BoxError>>()
        });
        Candidate {
            leases: Api::namespaced(Client::new(silent, "n"), "n"),
            name: "l".to_owned(),
            identity: "me".to_owned(),
            seen: None,
            renewed: None,
        }
    }

    fn lease(version: &str, holder: &str) -> Lease {
        serde_json::from_value(json!({
            "metadata": { "name": "l", "resourceVersion": version },
            "spec": {
                "holderIdentity": holder, "leaseDurationSeconds": 10,
                "renewTime": "2001-01-01T00:00:00.000000Z",
            },
        }))
        .unwrap()
    }

    #[tokio::test]
    async fn a_lease_is_free_once_it_was_seen_unchanged_for_its_duration_whatever_its_clock() {
        let (mut candidate, start) = (candidate(), Instant::now());
        let at = |second| start + Duration::from_secs(second);
        assert!(!candidate.is_free(&lease("1", "other"), at(0)));
        assert!(!candidate.is_free(&lease("1", "other"), at(9)));
        assert!(!candidate.is_free(&lease("2", "other"), at(10)), "it was renewed");
        assert!(candidate.is_free(&lease("2", "other"), at(20)));
        assert!(candidate.is_free(&lease("3", ""), at(21)), "it was given back");
    }

    #[tokio::test]
    async fn a_leader_that_cannot_renew_stops_before_another_begins() {
        let (mut candidate, start) = (candidate(), Instant::now());
        assert!(!candidate.leads(start));
        candidate.renewed = Some(start);
        assert!(candidate.leads(start + DEADLINE - Duration::from_millis(1)));
        assert!(!candidate.leads(start + DEADLINE));
        assert!(DEADLINE < DURATION);
    }

    #[tokio::test]
    async fn leading_ends_in_time_though_an_answer_is_waited_for() {
        let (leading, leads) = watch::channel(true);
        let end = Instant::now() + Duration::from_millis(20);
        let (answer, waited_for) = tokio::sync::oneshot::channel();
        let wait = until(Some(end), &leading, waited_for);
        let other = async {
            let mut leads = leads.clone();
            leads.wait_for(|leads| !leads).await.unwrap();
            assert!(Instant::now() >= end);
            answer.send(7).unwrap();
        };
        assert_eq!(tokio::join!(wait, other).0, Ok(7));
        leading.send_replace(true);
        until(Some(Instant::now() + DURATION), &leading, std::future::ready(())).await;
        until(None, &leading, tokio::time::sleep(Duration::from_millis(1))).await;
        assert!(*leads.borrow());
    }

    #[test]
    fn a_right_that_was_there_is_not_taken_for_missing_at_once() {
        let status = |code| {
            kube::Error::Api(Box::new(kube::core::Status::failure("no", "no").with_code(code)))
        };
        let (mut rights, start) = (Rights::default(), Instant::now());
        let at = |second| start + Duration::from_secs(second);
        rights.learn(&Err(status(500)), at(0));
        assert!(!rights.are_missing(at(0)));
        rights.learn(&Err(status(403)), at(1));
        assert!(rights.are_missing(at(1)), "it never was there");
        rights.learn(&Err(status(500)), at(2));
        assert!(rights.are_missing(at(2)), "nothing else was said");
        rights.learn(&Ok(()), at(3));
        assert!(!rights.are_missing(at(3)));
        rights.learn(&Err(status(403)), at(4));
        rights.learn(&Err(status(403)), at(23));
        assert!(!rights.are_missing(at(23)));
        assert!(rights.are_missing(at(24)), "it was taken away");
    }
}
