//! The addresses of the network namespace.
//!
//! An endpoint may not be a loopback address, and the API server's service proxy goes only to
//! endpoints: so `lo` gets others.

use tokio::process::Command;

use super::not_run;
use crate::{Error, Result};

/// Where the API server is reached; it advertises this address.
pub const CONTROL_PLANE_ADDRESS: &str = "10.99.0.1";
/// The API server, in the words of a kubeconfig.
pub(crate) const SERVER: &str = "https://10.99.0.1:6443";
/// Where a server listens that stands behind a Service.
pub const POD_ADDRESS: &str = "10.99.0.2";

pub(super) async fn bring_up() -> Result<()> {
    ip(&["link", "set", "lo", "up"]).await?;
    for address in [CONTROL_PLANE_ADDRESS, POD_ADDRESS] {
        ip(&["address", "add", &format!("{address}/24"), "dev", "lo"]).await?;
    }
    Ok(())
}

async fn ip(arguments: &[&str]) -> Result<()> {
    let output = Command::new("ip").args(arguments).output().await;
    let output = output.map_err(|error| not_run("ip", "iproute2", error))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Error::new(format!("ip {}: {}", arguments.join(" "), said.trim_end())))
}
