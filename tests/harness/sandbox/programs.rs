//! How the three programs are called. Their ports are fixed: the network is ours alone.

use std::path::Path;

use tokio::process::Command;

use super::network::CONTROL_PLANE_ADDRESS;
use super::pki::Pki;

const ETCD: &str = "http://127.0.0.1:2379";
const ETCD_PEER: &str = "http://127.0.0.1:2380";

/// A controller manager with all its controllers would taint a node that has no kubelet. These
/// are the ones that tests and demo see the work of.
const CONTROLLERS: [&str; 9] = [
    "deployment-controller",
    "endpoints-controller",
    "endpointslice-controller",
    "garbage-collector-controller",
    "namespace-controller",
    "replicaset-controller",
    "root-ca-certificate-publisher-controller",
    "serviceaccount-controller",
    "serviceaccount-token-controller",
];

pub(super) fn etcd(binaries: &Path, state: &Path) -> Command {
    let mut command = Command::new(binaries.join("etcd"));
    command
        .arg("--data-dir")
        .arg(state.join("etcd"))
        .args(["--listen-client-urls", ETCD, "--advertise-client-urls", ETCD])
        .args(["--listen-peer-urls", ETCD_PEER, "--initial-advertise-peer-urls", ETCD_PEER])
        .args(["--initial-cluster", &format!("default={ETCD_PEER}")])
        // Its only member elects itself after this time; the default is a second.
        .args(["--heartbeat-interval", "10", "--election-timeout", "100"])
        // The data does not outlive the machine's memory, let alone the machine.
        .arg("--unsafe-no-fsync")
        .args(["--log-level", "warn"]);
    command
}

/// Where an API server is to be: its port, and what its keys in etcd begin with.
pub(super) struct Seat<'a> {
    pub(super) port: u16,
    pub(super) prefix: &'a str,
}

/// That of the control plane which all share.
pub(super) const FIRST: Seat<'static> = Seat { port: 6443, prefix: "/registry" };

pub(super) fn api_server(binaries: &Path, pki: &Pki, seat: &Seat<'_>) -> Command {
    let mut command = Command::new(binaries.join("kube-apiserver"));
    command
        .args(["--etcd-servers", ETCD, "--etcd-prefix", seat.prefix])
        .args(["--bind-address", "0.0.0.0", "--advertise-address", CONTROL_PLANE_ADDRESS])
        .args(["--secure-port", &seat.port.to_string()])
        .args(["--service-cluster-ip-range", "10.96.0.0/16"])
        .args(["--authorization-mode", "RBAC", "--allow-privileged"])
        .arg("--client-ca-file")
        .arg(&pki.ca_certificate)
        .arg("--tls-cert-file")
        .arg(&pki.serving_certificate)
        .arg("--tls-private-key-file")
        .arg(&pki.serving_key)
        .args(["--service-account-issuer", "https://kubernetes.default.svc"])
        .arg("--service-account-key-file")
        .arg(&pki.service_account_public_key)
        .arg("--service-account-signing-key-file")
        .arg(&pki.service_account_key)
        .args(["--profiling=false", "--v=0"]);
    command
}

pub(super) fn controller_manager(binaries: &Path, pki: &Pki) -> Command {
    let mut command = Command::new(binaries.join("kube-controller-manager"));
    command
        .arg("--kubeconfig")
        .arg(&pki.admin_kubeconfig)
        .args(["--use-service-account-credentials", "--leader-elect=false"])
        // Nobody asks it anything, and there may be several.
        .args(["--secure-port", "0"])
        .args(["--controllers", &CONTROLLERS.join(",")])
        .arg("--root-ca-file")
        .arg(&pki.ca_certificate)
        .arg("--service-account-private-key-file")
        .arg(&pki.service_account_key)
        .args(["--profiling=false", "--v=0"]);
    command
}
