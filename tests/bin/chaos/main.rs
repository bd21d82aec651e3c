//! `chaos`: breaks around the controller what can break, round after round, and checks what must hold.
//!
//! Several installations go through rounds side by side, each in a namespace of its own. In a round
//! a user changes things while faults strike; then all is well again, and everything must come to
//! what the user asked for. A witness looks at every Secret that appears meanwhile.

#![allow(clippy::print_stdout, reason = "a program's main may talk")]

mod api_server;
mod clock;
mod fault;
mod model;
mod replica;
mod road;
mod user;
mod verdict;
mod witness;
mod world;

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use clap::Parser;
use futures::future::try_join_all;
use harness::{Cluster, Error, Result};

use api_server::ApiServer;
use fault::Tally;
use world::World;

/// Lets things break around controllers and checks what must hold.
#[derive(Parser)]
struct Arguments {
    /// Rounds in all
    #[arg(long, default_value = "40")]
    rounds: usize,
    /// What everything is drawn from; another for each run unless given
    #[arg(long)]
    seed: Option<u64>,
    /// Installations side by side, every other one of two replicas
    #[arg(long, default_value = "4")]
    worlds: usize,
}

/// In so many rounds every kind of fault has struck, whatever the seed.
const ENOUGH: usize = 300;

/// What the worlds share.
struct Shared {
    rounds: usize,
    begun: AtomicUsize,
    done: AtomicUsize,
    api_server: ApiServer,
    tally: Tally,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seed = arguments.seed.unwrap_or_else(by_the_time);
    println!("chaos: {} rounds, --seed={seed}", arguments.rounds);
    match run(&arguments, seed).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("error: {error:#}\nhint: again with --seed={seed}; timing differs each time");
            ExitCode::FAILURE
        }
    }
}

fn by_the_time() -> u64 {
    u64::from(jiff::Timestamp::now().subsec_nanosecond().unsigned_abs())
}

async fn run(arguments: &Arguments, seed: u64) -> Result<()> {
    let since = Instant::now();
    let cluster = &Cluster::connect().await?;
    let shared = Shared {
        rounds: arguments.rounds,
        begun: AtomicUsize::new(0),
        done: AtomicUsize::new(0),
        api_server: ApiServer::running(cluster)?,
        tally: Tally::default(),
    };
    let shared = &shared;
    // All before the first fault: none is made while the API server is away.
    let worlds = (0..arguments.worlds.max(1))
        .map(|number| World::new(cluster, number, seed.wrapping_add(number as u64)));
    let worlds = try_join_all(worlds).await?;
    let rounds = worlds.into_iter().map(|mut world| async move {
        while shared.begun.fetch_add(1, Ordering::Relaxed) < shared.rounds {
            world.round(shared).await?;
            let done = shared.done.fetch_add(1, Ordering::Relaxed) + 1;
            if done.is_multiple_of(20) {
                println!("round {done} of {}, {} s", shared.rounds, since.elapsed().as_secs());
            }
        }
        Ok::<_, Error>((world.seen(), world.ended()))
    });
    let seen = try_join_all(rounds).await?;
    let versions: usize = seen.iter().map(|(seen, _)| seen.versions).sum();
    let keys: usize = seen.iter().map(|(seen, _)| seen.keys).sum();
    let ended: usize = seen.iter().map(|(_, ended)| ended).sum();
    println!("faults: {}", shared.tally);
    println!(
        "held: {} rounds in {} s; {versions} versions of Secrets seen, {keys} keys; \
         controllers ended by themselves {ended} times",
        shared.done.load(Ordering::Relaxed),
        since.elapsed().as_secs()
    );
    let missing = shared.tally.missing();
    if shared.rounds >= ENOUGH && !missing.is_empty() {
        return Err(Error::new(format!("nothing was tried of: {}", missing.join(", "))));
    }
    if shared.rounds >= ENOUGH && keys <= arguments.worlds {
        return Err(Error::new("no key was renewed: the clocks are not believed"));
    }
    Ok(())
}
