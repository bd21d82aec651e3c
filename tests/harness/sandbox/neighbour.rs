//! A further control plane beside the one that tests share: an API server and controllers of its
//! own, with keys of its own in the same etcd. For what needs a whole cluster, or two.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::daemons::Daemons;
use super::network::SERVER;
use super::pki::{self, Pki, write_private};
use super::programs::{FIRST, Seat};
use super::{BINARIES_VARIABLE, objects, programs};
use crate::cluster::CLAIMS;
use crate::{Cluster, Context, Error, Result};

/// It ends when it is dropped.
pub struct Neighbour {
    cluster: Cluster,
    _daemons: Daemons,
}

impl Neighbour {
    /// Starts one, with the CRDs in a folder. `name` is that of its context in the kubeconfig.
    ///
    /// # Errors
    /// When this process does not run inside a control plane, or the new one does not come up.
    pub async fn start(beside: &Cluster, name: &str, crds: &Path) -> Result<Self> {
        Self::start_with(beside, name, crds, &[]).await
    }

    /// The same with further arguments for its API server.
    ///
    /// # Errors
    /// As for [`Self::start`].
    pub async fn start_with(
        beside: &Cluster,
        name: &str,
        crds: &Path,
        arguments: &[String],
    ) -> Result<Self> {
        let binaries = std::env::var_os(BINARIES_VARIABLE).map(PathBuf::from);
        let binaries = binaries.ok_or_else(|| Error::new("no programs of a control plane"))?;
        let port = beside.claim_port()?;
        let state = settle(beside, name, port)?;
        let server = SERVER.replace(&FIRST.port.to_string(), &port.to_string());
        let cluster = Cluster::of(state.clone(), server).await?;
        let (pki, client) = (Pki::of(&state), cluster.client());
        let seat = Seat { port, prefix: &format!("/registry-{port}") };
        let mut daemons = Daemons::new(&cluster.logs())?;
        let mut api_server = programs::api_server(&binaries, &pki, &seat);
        api_server.args(arguments);
        daemons.start("kube-apiserver", api_server)?;
        daemons.meanwhile(objects::api_server_ready(&client)).await?;
        daemons.meanwhile(objects::create(&client, crds)).await?;
        daemons.start("kube-controller-manager", programs::controller_manager(&binaries, &pki))?;
        daemons.meanwhile(objects::controllers_work(&client)).await?;
        Ok(Self { cluster, _daemons: daemons })
    }

    /// What a test asks of it.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }
}

/// A state folder: claims are those of the first control plane, certificates and address are not.
fn settle(beside: &Cluster, name: &str, port: u16) -> Result<PathBuf> {
    let first = beside.state();
    let state = first.join("neighbours").join(format!("{name}-{port}"));
    let step = || format!("cannot make {}", state.display());
    fs::create_dir_all(&state).context(step)?;
    symlink(first.join(CLAIMS), state.join(CLAIMS)).context(step)?;
    let pki = pki::create(&state)?;
    let admin = fs::read_to_string(&pki.admin_kubeconfig).context(step)?;
    let own =
        admin.replace("sealwright", name).replace(&format!(":{}", FIRST.port), &format!(":{port}"));
    write_private(pki.admin_kubeconfig, &own)?;
    Ok(state)
}
