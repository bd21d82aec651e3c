//! The certificate in the controller's ConfigMap, and what is believed of it: a way where the service
//! proxy does not lead to the controller.

use http::StatusCode;
use k8s_openapi::api::core::v1::ConfigMap;
use sealwright_crypto::Fingerprint;
use sealwright_sealing::{CONFIG_MAP, Published};

use super::connection::Connection;
use crate::args::ClusterArgs;
use crate::error::{Error, Result, say};
use crate::pins::{Pins, Standing};

/// What the ConfigMap holds, if it can be read.
pub(super) fn read(connection: &Connection, namespace: &str) -> Option<Published> {
    let path = format!("/api/v1/namespaces/{namespace}/configmaps/{CONFIG_MAP}");
    let answer = connection.get(&path).ok().filter(|answer| answer.status == StatusCode::OK)?;
    let found: ConfigMap = serde_json::from_str(&answer.text).ok()?;
    Published::read(&found.data?)
}

/// A self-signed certificate proves nothing, and others than the controller may write ConfigMaps: it
/// must be the pinned one, or follow from it, or be trusted by the user.
///
/// # Errors
/// When it is not to be believed; `by_proxy` is why it had to be looked at.
pub(super) fn believed(
    published: &Published,
    mut pins: Pins,
    place: &str,
    flags: &ClusterArgs,
    is_checked: bool,
    by_proxy: Error,
) -> Result<String> {
    let newest = published.newest.fingerprint();
    let refusal = match pins.standing(place, published) {
        Standing::Known => None,
        Standing::Follows(pinned) => {
            say_that_it_changed(place, pinned, newest);
            None
        }
        Standing::First if flags.trust_configmap => None,
        Standing::First => {
            Some(("it is the first from this cluster".to_owned(), FIRST_HINT.to_owned()))
        }
        Standing::Foreign(pinned) => Some((
            format!("it does not follow from {pinned}, which was seen here before"),
            foreign_hint(&pins, place, flags.trust_configmap),
        )),
    };
    let Some((why, hint)) = refusal else {
        if is_checked {
            pins.pin(place, newest);
        }
        return Ok(published.newest.to_pem().to_owned());
    };
    Err(by_proxy
        .and(format!(
            "ConfigMap {}/{CONFIG_MAP} holds a certificate with the key {newest}, but {why}",
            flags.controller_namespace
        ))
        .hint(hint))
}

const FIRST_HINT: &str =
    "compare it with the sealing key in the controller's log, then give --trust-configmap";

/// What to do about a key that is not the one that was seen before. The flag does not help: it
/// would believe whoever may write ConfigMaps.
fn foreign_hint(pins: &Pins, place: &str, is_trusting: bool) -> String {
    let ask = "ask an administrator whether the keys were replaced; then use --cert";
    match pins.path().filter(|_| is_trusting) {
        Some(path) => format!("{ask}, or remove the line of {place} from {}", path.display()),
        None => ask.to_owned(),
    }
}

fn say_that_it_changed(place: &str, old: Fingerprint, new: Fingerprint) {
    say(format_args!("note: the sealing key of {place} changed from {old} to {new}"));
}
