//! What can go wrong, and how often it did.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rand::RngExt;
use rand::rngs::SmallRng;

const DAY: i64 = 24 * 3600;
/// The wrong clocks: behind, ahead, and right again.
const CLOCKS: [i64; 6] = [-400 * DAY, -31 * DAY, -3600, -1, 0, 3600];

/// One fault of one replica, or of everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// `kill -9`, and another start after a while.
    Kill(Duration),
    /// SIGSTOP, and SIGCONT after a while.
    Pause(Duration),
    /// Nobody answers at the API server's address for a while.
    Outage(Duration),
    /// All connections end, those of the watches too.
    Cut,
    /// For a while so many percent of requests are refused with 409, 410, 429, 500 or 503.
    Refusals(u8, Duration),
    /// For a while so many percent of writes are done, and the answer is lost.
    Losses(u8, Duration),
    /// The clock is wrong by so many seconds, until it is moved again.
    Clock(i64),
    /// The clock jumps to where the next key is due.
    Renewal,
    /// The API server is killed, and started after a while.
    ApiServer(Duration),
}

impl Fault {
    /// Any of them.
    pub(crate) fn any(random: &mut SmallRng, replicas: usize) -> Self {
        let mut millis = |most: u64| Duration::from_millis(random.random_range(0..most));
        let (short, long) = (millis(400), millis(2_500));
        // Longer than a Lease is held, where somebody can take it.
        let pause = if replicas > 1 { millis(13_000) } else { long };
        let percent = random.random_range(5..=90);
        match random.random_range(0..100) {
            0..28 => Self::Kill(short),
            28..36 => Self::Pause(pause),
            36..48 => Self::Outage(long),
            48..60 => Self::Cut,
            60..76 => Self::Refusals(percent, long),
            76..88 => Self::Losses(percent, long),
            88..92 => Self::Renewal,
            92..97 => Self::Clock(CLOCKS[random.random_range(0..CLOCKS.len())]),
            _ => Self::ApiServer(long),
        }
    }

    fn kind(self) -> usize {
        match self {
            Self::Kill(_) => 0,
            Self::Pause(_) => 1,
            Self::Outage(_) => 2,
            Self::Cut => 3,
            Self::Refusals(..) => 4,
            Self::Losses(..) => 5,
            Self::Clock(_) => 6,
            Self::Renewal => 7,
            Self::ApiServer(_) => 8,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |time: &Duration| format!("{:.1} s", time.as_secs_f32());
        match self {
            Self::Kill(time) => write!(f, "killed, started after {}", told(time)),
            Self::Pause(time) => write!(f, "paused for {}", told(time)),
            Self::Outage(time) => write!(f, "cut off for {}", told(time)),
            Self::Cut => f.write_str("all connections cut"),
            Self::Refusals(percent, time) => write!(f, "{percent} % refused for {}", told(time)),
            Self::Losses(percent, time) => {
                write!(f, "{percent} % of answers lost for {}", told(time))
            }
            Self::Clock(offset) => write!(f, "the clock moved to {offset:+} s"),
            Self::Renewal => f.write_str("the clock moved to where a key is due"),
            Self::ApiServer(time) => {
                write!(f, "the API server killed, started after {}", told(time))
            }
        }
    }
}

const KINDS: [&str; 9] = [
    "kill -9",
    "pause",
    "outage",
    "connections cut",
    "refusals",
    "lost answers",
    "clock moved",
    "key due",
    "API server killed",
];

/// How often each kind has struck.
#[derive(Default)]
pub(crate) struct Tally([AtomicUsize; KINDS.len()]);

impl Tally {
    /// Which kinds have not struck.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        let kinds = KINDS.iter().zip(&self.0);
        kinds
            .filter(|(_, count)| count.load(Ordering::Relaxed) == 0)
            .map(|(kind, _)| *kind)
            .collect()
    }

    pub(crate) fn count(&self, fault: Fault) {
        self.0[fault.kind()].fetch_add(1, Ordering::Relaxed);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.0.iter().map(|count| count.load(Ordering::Relaxed));
        let told: Vec<_> =
            KINDS.iter().zip(counts).map(|(kind, count)| format!("{kind} {count}")).collect();
        f.write_str(&told.join(", "))
    }
}
