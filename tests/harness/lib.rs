//! What tests that need a Kubernetes API server stand on: a real control plane in a network and
//! process namespace of its own, and what a test asks of it.
//!
//! The two halves never run in one process. The `control-plane` program uses [`binaries`] and
//! [`sandbox`] to start etcd, kube-apiserver and kube-controller-manager around a command; the
//! tests that this command runs use [`installation`], and below it [`cluster`], [`controller`],
//! [`service`] and [`wait`].

pub mod binaries;
pub mod cluster;
pub mod controller;
mod error;
pub mod http;
pub mod installation;
pub mod key;
mod kubeconfig;
pub mod kubeseal;
mod manifest;
pub mod node;
pub mod page;
pub mod process;
pub mod program;
pub mod progress;
pub mod rbac;
pub mod reader;
pub mod sandbox;
pub mod service;
pub mod wait;

pub use cluster::{Cluster, Namespace};
pub use controller::{ControllerProcess, Options, Rbac, Rights, Signal};
pub use error::{Context, Error, Result};
pub use installation::Installation;
pub use key::Key;
pub use node::{Node, Pods};
pub use page::Page;
pub use reader::Reader;
pub use sandbox::Neighbour;
pub use wait::eventually;
