//! Prints the CustomResourceDefinition that `charts/sealwright/crds` holds: `make crds`.

use std::io::Write;

use kube::CustomResourceExt;
use sealwright_api::SealedSecret;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let header = "# Generated from crates/api by `make crds`; a test holds the two together.\n";
    let crd = serde_saphyr::to_string(&SealedSecret::crd())?;
    std::io::stdout().write_all(format!("{header}{crd}").as_bytes())?;
    Ok(())
}
