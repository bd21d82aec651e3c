//! What tests that need a Kubernetes API server stand on: a real control plane in a network and
//! process namespace of its own, and what a test asks of it.
//!
//! The two halves never run in one process. The `control-plane` program uses [`binaries`] and
//! [`sandbox`] to start etcd, kube-apiserver and kube-controller-manager around a command; the
//! tests that this command runs use [`cluster`], [`controller`], [`service`] and [`wait`].

pub mod binaries;
pub mod cluster;
pub mod controller;
mod error;
pub mod http;
mod kubeconfig;
mod manifest;
pub mod progress;
mod rbac;
pub mod sandbox;
pub mod service;
pub mod wait;

pub use cluster::{Cluster, Namespace};
pub use controller::{ControllerProcess, Options, Rbac, Signal};
pub use error::{Context, Error, Result};
pub use wait::eventually;
