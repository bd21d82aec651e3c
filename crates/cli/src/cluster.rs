//! The cluster: reached as kubectl reaches it, and in it the controller behind the service proxy.
//!
//! ```text
//! kubeconfig ─▶ choice ─▶ config ─▶ connection ─▶ service ─▶ controller
//!               (flags)   (credentials, proxy)   (which one)  (or published)
//! ```

mod address;
mod api;
mod choice;
mod config;
mod connection;
mod controller;
mod credentials;
mod exec;
mod explain;
mod kubeconfig;
mod limits;
mod oidc;
mod patience;
mod place;
mod proxy;
mod published;
mod refusal;
mod remembered;
mod service;
pub(crate) mod web;

pub(crate) use address::shown;
pub(crate) use api::{Api, Greeting, Look};
pub(crate) use controller::{Controller, MALFORMED_HINT, REFUSED_HINT, TOO_LARGE_HINT, Verdict};
pub(crate) use kubeconfig::{context_names, context_namespace};
pub(crate) use refusal::is_page;
pub(crate) use remembered::{Fetched, certificate};
pub(crate) use service::{USUAL_PORTS, check_name, names};
