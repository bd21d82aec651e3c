//! SealedSecrets in; the controller says whether it can open them.

use http::StatusCode;

use crate::args::Args;
use crate::cluster::Controller;
use crate::error::{Error, Result};
use crate::manifest;

pub(crate) fn run(args: &Args) -> Result<()> {
    let documents = manifest::read_sealed_secrets(args.secret_file.path())?;
    let controller = Controller::connect(args)?;
    for document in documents {
        let name = document.value["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        let body = document.value.to_string().into_bytes();
        match controller.post("v1/verify", body)? {
            (StatusCode::OK, _) => {}
            (StatusCode::CONFLICT, _) => {
                return Err(Error::new(format!("unable to decrypt sealed secret: {name}"))
                    .hint("it was sealed for another cluster, name, namespace or scope: see the controller's log"));
            }
            (StatusCode::BAD_REQUEST, _) => {
                return Err(Error::new(format!("{}: not a valid SealedSecret", document.place))
                    .hint("a value is not base64 or cut short, or a field has the wrong type"));
            }
            (status, _) => {
                return Err(Error::new(format!(
                    "cannot validate {name}: the controller answered {status}"
                )));
            }
        }
    }
    Ok(())
}
