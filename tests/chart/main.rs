//! The chart, by the real Helm: what it renders, what it refuses, and what becomes of a release; what is
//! made of it to be applied without Helm; and the way from sealed-secrets and back.

mod canary;
mod helm;
mod matrix;
mod objects;
mod opened;
mod own_cluster;
mod plain;
mod rehearsal;
mod release;
mod rendered;
mod rights;
mod schema;
mod unknown;
mod upstream;
