//! `kubeseal scan` in repositories that the real Git has made, and with tokens. These are put together
//! here, so that no scanner takes this file for a leak.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod baseline;
mod files;
mod folder;
mod history;
mod shipped;
mod staged;
mod told;
