//! Go's package `time`: points in time with their zone, durations, layouts.

mod civil;
mod duration;
mod format;
mod layout;
mod object;
mod parse;
mod time;
mod zone;

pub(crate) use duration::{Duration, parse_duration};
pub(crate) use object::{TIME, value};
pub(crate) use time::Time;
pub(crate) use zone::Zone;
