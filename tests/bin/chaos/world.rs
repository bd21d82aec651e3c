//! One installation and what it goes through.

use std::fmt::Write;
use std::time::Duration;

use futures::future::try_join_all;
use harness::installation::SUITE;
use harness::{Cluster, Error, Namespace, Rbac, Result, Rights, controller, eventually, rbac};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use tokio::time::sleep;

use crate::Shared;
use crate::fault::Fault;
use crate::replica::Replica;
use crate::user::User;
use crate::verdict;
use crate::witness::{Seen, Witness};

/// Of the sealing keys, in seconds.
const PERIOD: i64 = 30 * 24 * 3600;
const LIMIT: Duration = Duration::from_secs(180);
/// How often it is looked whether a controller has ended by itself.
const RESTART: Duration = Duration::from_secs(1);

/// After what time, which replica, what.
type Strike = (Duration, usize, Fault);

/// A namespace with its controllers, its user and its witness.
pub(crate) struct World {
    namespace: Namespace,
    replicas: Vec<Replica>,
    user: User,
    witness: Witness,
    random: SmallRng,
}

impl World {
    /// Every other one has two replicas, which elect a leader.
    pub(crate) async fn new(cluster: &Cluster, number: usize, seed: u64) -> Result<Self> {
        let namespace = cluster.namespace("chaos").await?;
        rbac::grant(&namespace, controller::NAME, (Rbac::Cluster, Rights::default()), &[]).await?;
        let witness = Witness::of(&namespace);
        let mut random = SmallRng::seed_from_u64(seed);
        let count = 1 + number % 2;
        let arguments = [
            format!("--leader-election={}", count > 1),
            format!("--key-renew-period={PERIOD}s"),
            "--key-size=2048".to_owned(),
            format!("--label-selector={SUITE}={}", namespace.name()),
        ];
        let mut replicas = Vec::new();
        for number in 0..count {
            let seed = random.random();
            replicas.push(Replica::start(&namespace, (number, seed), &arguments).await?);
        }
        let user = User::of(&namespace);
        let world = Self { namespace, replicas, user, witness, random };
        let first = async || world.witness.seen().keys > 0;
        let key = eventually("there is a first key", LIMIT, async || first().await.then_some(()));
        let key = async {
            tokio::select! {
                key = key => key,
                failed = keep_running(&world.replicas) => failed,
            }
        };
        key.await.map_err(|error| world.told(&error, &[]))?;
        Ok(world)
    }

    /// Faults strike while the user acts; then all is well again, and everything must come right.
    ///
    /// # Errors
    /// When it does not, with the faults and what the controllers said.
    pub(crate) async fn round(&mut self, shared: &Shared) -> Result<()> {
        let faults = self.faults();
        let random = SmallRng::seed_from_u64(self.random.random());
        let outcome = self.withstand(&faults, random, shared).await;
        outcome.map_err(|error| self.told(&error, &faults))?;
        if self.replicas.iter().any(Replica::has_panicked) {
            return Err(self.told(&Error::new("a controller panicked"), &faults));
        }
        Ok(())
    }

    async fn withstand(
        &self,
        faults: &[Strike],
        mut random: SmallRng,
        shared: &Shared,
    ) -> Result<()> {
        let (replicas, witness) = (&self.replicas, &self.witness);
        let struck = faults.iter().map(|&(after, replica, fault)| async move {
            sleep(after).await;
            shared.tally.count(fault);
            match fault {
                Fault::ApiServer(pause) => shared.api_server.restart(pause).await,
                // A second after the newest key is a period old.
                Fault::Renewal => {
                    replicas[replica].move_clock_to(witness.newest_birth() + PERIOD + 1)
                }
                fault => replicas[replica].suffer(fault).await,
            }
        });
        let acted = self.user.act(&self.witness, &mut random);
        futures::try_join!(acted, try_join_all(struck))?;
        tokio::select! {
            reached = verdict::reached(&self.namespace, &self.user, &self.witness, PERIOD) => reached,
            failed = keep_running(replicas) => failed,
        }
    }

    /// How often its controllers ended by themselves.
    pub(crate) fn ended(&self) -> usize {
        self.replicas.iter().map(Replica::ended).sum()
    }

    /// What its witness has seen.
    pub(crate) fn seen(&self) -> Seen {
        self.witness.seen()
    }

    fn faults(&mut self) -> Vec<Strike> {
        let count = self.random.random_range(1..=4);
        let mut one = || {
            let after = Duration::from_millis(self.random.random_range(0..1_000));
            let replica = self.random.random_range(0..self.replicas.len());
            (after, replica, Fault::any(&mut self.random, self.replicas.len()))
        };
        (0..count).map(|_| one()).collect()
    }

    fn told(&self, error: &Error, faults: &[Strike]) -> Error {
        let mut text = format!("{}: {error:#}", self.namespace.name());
        for (after, replica, fault) in faults {
            let after = after.as_secs_f32();
            let _ = write!(text, "\n  after {after:.1} s, replica {replica}: {fault}");
        }
        for (number, replica) in self.replicas.iter().enumerate() {
            let _ = write!(text, "\n--- replica {number}\n{}", replica.last_words());
        }
        Error::new(text)
    }
}

/// What a kubelet does: a controller that has ended is started again. Returns only when that fails.
async fn keep_running(replicas: &[Replica]) -> Result<()> {
    loop {
        for replica in replicas {
            replica.run().await?;
        }
        sleep(RESTART).await;
    }
}
