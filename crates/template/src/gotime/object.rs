//! Times, and what their methods return, as values of templates.

mod duration;
mod names;
mod time;

pub(crate) use time::{TIME, value};
