//! The time, for templates that ask for it.

use sealwright_sealing::Timestamp;

pub(crate) fn now() -> Timestamp {
    let now = jiff::Timestamp::now();
    Timestamp { seconds: now.as_second(), nanoseconds: now.subsec_nanosecond().unsigned_abs() }
}
