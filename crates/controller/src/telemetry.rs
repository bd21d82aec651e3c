//! The log: lines on standard error.

use std::io::IsTerminal;

use tracing::Level;
use tracing_subscriber::fmt;

pub(crate) fn start(level: Level) {
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    fmt()
        .with_max_level(level)
        .with_target(false)
        .with_ansi(colour)
        .with_writer(std::io::stderr)
        .init();
}
