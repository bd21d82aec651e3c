//! One value in, one sealed value out, for those who write the manifest themselves.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sealwright_api::Scope;
use sealwright_crypto::{Plaintext, seal};
use sealwright_sealing::label;

use crate::args::Args;
use crate::certificate;
use crate::error::{Error, Result};
use crate::manifest;
use crate::namespace::Namespaces;
use crate::output::Output;

pub(crate) fn run(args: &Args, output: &Output) -> Result<()> {
    let label = label_for(args)?;
    let value = Plaintext::new(manifest::read_bytes(file(args)?.map(Path::new))?);
    let key = certificate::to_seal_with(&args.cert, &args.cluster)?;
    output.write(&STANDARD.encode(seal(&key, label.as_bytes(), &value)))
}

/// What the value is bound to, by scope: name and namespace, the namespace, or nothing.
fn label_for(args: &Args) -> Result<String> {
    let scope = args.scope().unwrap_or(Scope::Strict);
    let name = match args.name.text() {
        None if scope == Scope::Strict => {
            return Err(Error::new(format!(
                "must provide the --name flag with --raw and --scope {scope}"
            ))
            .hint("name the Secret that the value is for, or choose a wider --scope"));
        }
        name => name.unwrap_or_default(),
    };
    let namespace = match scope {
        Scope::ClusterWide => String::new(),
        Scope::Strict | Scope::NamespaceWide => {
            Namespaces::new(&args.namespace, &args.cluster).wanted()?
        }
    };
    Ok(label(scope, &namespace, name))
}

/// The file of `--from-file key=file`; the key counts for nothing here, as upstream has it.
fn file(args: &Args) -> Result<Option<&str>> {
    match args.from_file.as_slice() {
        [] => Ok(None),
        [file] => Ok(Some(file.split_once('=').map_or(file.as_str(), |(_, file)| file))),
        _ => Err(Error::new("--raw seals one value: give one --from-file")
            .hint("run kubeseal once for each value, or seal a whole Secret")),
    }
}
