//! For whom a verb seals: a certificate and a cluster, as flags, environment and configuration say. Which
//! it is, is said on standard error.

use std::path::Path;

use jiff::Timestamp;
use sealwright_api::Scope;
use sealwright_crypto::{Certificate, PublicKey};

use crate::args::{ClusterArgs, Given};
use crate::certificate::{self, usable};
use crate::cluster::{self, Fetched};
use crate::configuration::{Configuration, Found, Target};
use crate::error::{Result, say};
use crate::table::{printable, quoted};

/// How long before its end a certificate is complained about.
const SOON: i64 = 30 * DAY;
const DAY: i64 = 24 * 60 * 60;

/// Where values are to be opened, and what else is said of a file.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    source: Source,
    /// The cluster, whose context says the namespace too.
    pub(super) cluster: ClusterArgs,
    /// The rule that says so, where it was not said otherwise.
    pub(super) rule: Option<String>,
    is_repositorys: bool,
    is_cert_said: bool,
    /// What a configuration says of how it is sealed and written.
    scope: Option<(Scope, String)>,
    pub(super) is_json: Option<bool>,
}

/// Where a certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    /// `--cert`, or else the controller.
    Said(Given),
    /// The certificate that a rule names.
    Rule(Target),
}

impl Destination {
    /// What flags and environment say, and behind them the configuration for a file, or for the current
    /// folder.
    ///
    /// # Errors
    /// As for [`Configuration::advice`]; and when a rule's context is not there.
    pub(super) fn choose(
        cert: &Given,
        cluster: &ClusterArgs,
        file: Option<&Path>,
        configuration: &mut Configuration,
    ) -> Result<Self> {
        let advice = configuration.advice(file)?;
        let mut chosen = Self {
            source: Source::Said(cert.clone()),
            cluster: cluster.clone(),
            rule: None,
            is_repositorys: false,
            is_cert_said: cert.text().is_some(),
            scope: advice.scope,
            is_json: advice.is_json,
        };
        if let Some(target) = advice.target.and_then(|target| meant(target, cluster)) {
            chosen.follow(target)?;
        }
        Ok(chosen)
    }

    fn follow(&mut self, target: Target) -> Result<()> {
        for (field, name) in [
            ("controllerName", &target.controller_name),
            ("controllerNamespace", &target.controller_namespace),
        ] {
            let checked = name.as_deref().map_or(Ok(()), |name| cluster::check_name(field, name));
            checked.map_err(|error| error.about(&target.rule))?;
        }
        let (name, controller) = (target.controller_name.clone(), &target.controller_namespace);
        self.cluster.follow(target.context.clone(), name, controller.clone());
        self.rule = Some(target.rule.clone());
        self.is_repositorys = target.is_repositorys();
        if target.names_certificate().is_some() {
            if !self.is_cert_said {
                self.source = Source::Rule(target);
            }
        } else if target.context.is_some() && !self.is_cert_said {
            // Later it would not be known who named it.
            let found = cluster::context_namespace(&self.cluster);
            found.map_err(|error| error.about(&target.rule))?;
        }
        Ok(())
    }

    /// The scope that a configuration says, if any. That it is a wide one is told.
    pub(super) fn scope(&self) -> Option<Scope> {
        let (scope, rule) = self.scope.as_ref()?;
        if *scope != Scope::Strict {
            say(format_args!("note: sealed {scope}, as {rule} says"));
        }
        Some(*scope)
    }

    /// The certificate that was named, if one was.
    pub(super) fn certificate(&self) -> Option<Given> {
        match &self.source {
            Source::Said(cert) => Some(cert.clone()).filter(|cert| cert.text().is_some()),
            Source::Rule(target) => target.names_certificate().map(|cert| cert.to_owned().into()),
        }
    }

    /// Says so, where a rule chose the controller that is asked.
    pub(super) fn say_whose_controller(&self) {
        if let Some(rule) = &self.rule {
            let context = self.cluster.context.text();
            let of_context = context.map(|name| format!(" of the context {}", quoted(name)));
            let ClusterArgs { controller_namespace, controller_name, .. } = &self.cluster;
            let service = quoted(&format!("{controller_namespace}/{controller_name}"));
            let of_context = of_context.unwrap_or_default();
            say(format_args!("asking the controller {service}{of_context} ({rule})"));
        }
    }

    /// The rule of a repository that says for whom is sealed, where the user did not.
    pub(super) fn repositorys_rule(&self) -> Option<&str> {
        self.rule.as_deref().filter(|_| self.is_repositorys && !self.is_cert_said)
    }

    /// The key to seal with; says which it is.
    ///
    /// # Errors
    /// When the certificate is not to be had, is none, has expired or holds no RSA key.
    pub(super) fn key(&self) -> Result<PublicKey> {
        let (text, origin) = match &self.source {
            Source::Said(cert) if cert.text().is_none() => {
                let found = cluster::certificate(&self.cluster);
                let Fetched { pem, from } = found.map_err(|error| match &self.rule {
                    Some(rule) => error.about(rule),
                    None => error,
                })?;
                (pem, from)
            }
            Source::Said(cert) => {
                (certificate::fetch(cert, &self.cluster)?, certificate::origin(cert))
            }
            Source::Rule(target) => match target.certificate()? {
                Found::File(path, text) => (text, Configuration::shown(&path)),
                Found::Url(url) => {
                    let url = Given::from(url);
                    (certificate::fetch(&url, &self.cluster)?, quoted(&certificate::origin(&url)))
                }
            },
        };
        let rule = self.rule.as_ref().filter(|_| !self.is_cert_said);
        let origin = match rule {
            Some(rule) => format!("{origin} ({rule})"),
            None => origin,
        };
        // Nothing in it begins a line of its own.
        let origin = printable(origin);
        let certificate = usable(&text, &origin)?;
        told(&certificate, &origin, Timestamp::now()).iter().for_each(say);
        Ok(certificate.public_key().clone())
    }
}

/// Who names a cluster means that one, and not the certificate of another; what a rule says of the
/// controllers of all clusters is said of it, too. Who names a controller means to ask it.
fn meant(target: Target, cluster: &ClusterArgs) -> Option<Target> {
    if cluster.may_be(target.context.as_deref()) {
        let is_controller_said = cluster.said.controller_name || cluster.said.controller_namespace;
        return if is_controller_said { target.without_certificate() } else { Some(target) };
    }
    if target.context.is_none() { target.without_certificate() } else { None }
}

/// What the certificate is, and whether it is about to end.
fn told(certificate: &Certificate, origin: &str, now: Timestamp) -> Vec<String> {
    let end = certificate.validity().not_after;
    let day = Timestamp::from_second(end).map(|end| end.strftime("%Y-%m-%d").to_string());
    let day = day.unwrap_or_else(|_| "the end of time".to_owned());
    let fingerprint = certificate.fingerprint();
    let mut told = vec![format!("sealing with {fingerprint} from {origin}, valid until {day}")];
    let left = end - now.as_second();
    if left < SOON {
        let days = match left / DAY {
            0 => "in less than a day".to_owned(),
            1 => "in a day".to_owned(),
            days => format!("in {days} days"),
        };
        told.push(format!(
            "warning: that certificate expires {days}: get the newest with `kubeseal --fetch-cert`"
        ));
    }
    told
}

#[cfg(test)]
mod tests {
    use sealwright_crypto::{KeySize, PrivateKey, Validity};

    use super::*;

    #[test]
    fn a_certificate_that_ends_soon_is_complained_about() {
        let key = PrivateKey::generate(KeySize::Rsa2048);
        let now = Timestamp::from_second(1_796_000_000).unwrap();
        for (left, expected) in [
            (31 * DAY, None),
            (30 * DAY, None),
            (30 * DAY - 1, Some("in 29 days")),
            (2 * DAY - 1, Some("in a day")),
            (DAY - 1, Some("in less than a day")),
            (0, Some("in less than a day")),
        ] {
            let validity = Validity { not_before: 0, not_after: now.as_second() + left };
            let certificate = Certificate::self_signed(&key, "", validity).unwrap();
            let told = told(&certificate, "c.pem", now);
            let fingerprint = certificate.fingerprint();
            let first = format!("sealing with {fingerprint} from c.pem, valid until 20");
            assert!(told[0].starts_with(&first), "{told:?}");
            let warning = expected.map(|when| {
                format!("warning: that certificate expires {when}: get the newest with `kubeseal --fetch-cert`")
            });
            assert_eq!(told.get(1), warning.as_ref(), "{left}");
        }
    }
}
