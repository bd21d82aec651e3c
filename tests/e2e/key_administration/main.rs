//! `kubeseal keys`: what an administrator does with the sealing keys of a cluster.

mod age;
mod backup;
mod generate;
mod list;
mod place;
mod retire;
