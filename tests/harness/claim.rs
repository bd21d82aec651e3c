//! Ports and addresses that nobody else in this network namespace has or gets: claimed by a file,
//! since each test is a process.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::ops::Range;

use crate::{Cluster, Context, Error, Result};

/// The control plane's own are below, the kernel's above.
const PORTS: Range<u16> = 20_000..32_768;
/// Last numbers of 10.99.0.x, of which each is the machine's own. The control plane's are below.
const ADDRESSES: Range<u16> = 10..255;

/// A port of the addresses that all tests share.
pub(crate) fn port(cluster: &Cluster) -> Result<u16> {
    first(cluster, "", PORTS)
}

/// An address, with all its ports.
pub(crate) fn address(cluster: &Cluster) -> Result<String> {
    first(cluster, "10.99.0.", ADDRESSES).map(|number| format!("10.99.0.{number}"))
}

fn first(cluster: &Cluster, prefix: &str, numbers: Range<u16>) -> Result<u16> {
    let folder = cluster.claims();
    let step = || "cannot claim a port or an address";
    fs::create_dir_all(&folder).context(step)?;
    for number in numbers {
        match File::create_new(folder.join(format!("{prefix}{number}"))) {
            Ok(_) => return Ok(number),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).context(step),
        }
    }
    Err(Error::new(format!("every {prefix}… was claimed")))
}
