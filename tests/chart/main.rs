//! The chart, by the real Helm: what it renders, what it refuses, and what becomes of a release.

mod canary;
mod helm;
mod matrix;
mod objects;
mod release;
mod rendered;
mod rights;
mod schema;
mod upstream;
