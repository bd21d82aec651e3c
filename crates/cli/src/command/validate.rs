//! SealedSecrets in; the controller says whether it can open them.

use crate::args::Args;
use crate::cluster::{Controller, MALFORMED_HINT, REFUSED_HINT, TOO_LARGE_HINT, Verdict};
use crate::error::{Error, Result, say};
use crate::manifest::{self, Document};

/// Asks for every document, in order, and names those that do not pass. The first is the error.
pub(crate) fn run(args: &Args) -> Result<()> {
    let documents = manifest::read_sealed_secrets(args.secret_file.path())?;
    let controller = Controller::connect(&args.cluster)?;
    let mut refused = Ok(());
    for document in &documents {
        let verdict = controller.verify(&document.value)?;
        let Err((what, error)) = judged(document, verdict) else { continue };
        if documents.len() > 1 {
            name(document, &what);
        }
        refused = refused.and(Err(error));
    }
    refused
}

/// What is wrong with a document, in a few words and as an error.
fn judged(document: &Document, verdict: Verdict) -> Result<(), (String, Error)> {
    let Document { place, value } = document;
    let name = value["metadata"]["name"].as_str().unwrap_or_default();
    match verdict {
        Verdict::Opens => Ok(()),
        Verdict::Refuses => Err((
            "unable to decrypt sealed secret".to_owned(),
            Error::new(format!("unable to decrypt sealed secret: {name}")).hint(REFUSED_HINT),
        )),
        Verdict::Malformed => Err((
            "not a valid SealedSecret".to_owned(),
            Error::new(format!("{place}: not a valid SealedSecret")).hint(MALFORMED_HINT),
        )),
        Verdict::TooLarge => Err((
            "too large for the controller".to_owned(),
            Error::new(format!("{place}: too large for the controller")).hint(TOO_LARGE_HINT),
        )),
        Verdict::Other(status) => Err((
            format!("the controller answered {status}"),
            Error::new(format!("cannot validate {name}: the controller answered {status}"))
                .hint("see the controller's log"),
        )),
    }
}

fn name(document: &Document, what: &str) {
    say(format_args!("{}: {what}", document.place));
}
